// No function that a thread could call.

export const eachRecrod = () => undefined;
