/** Renders docs/transactions.md from the tables of src/client/producer/transaction; `--check` only looks whether it is fresh. */
import { renderPage } from "./render-page.ts";
import { transactionsPage } from "./transactions-page.ts";

renderPage("transactions.md", transactionsPage());
