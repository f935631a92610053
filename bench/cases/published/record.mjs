/** The record of the published benchmark. Which partition it goes to was said there; in the honest form its key decides. */
export function record(index, form) {
  const fields = { key: `111-${index}`, value: "222", headers: { a: "123", b: "456" } };
  return form === "honest" ? fields : { ...fields, partition: 0 };
}

/** Those of one send. */
export function records(send, { recordsPerSend, form }) {
  return Array.from({ length: recordsPerSend }, (_, index) => record(send * recordsPerSend + index, form));
}
