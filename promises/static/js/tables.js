// Tables that sort, filter and become cards on a phone. Without this file they are plain, whole tables.
const collator = new Intl.Collator(document.documentElement.lang || "fi", { numeric: true, sensitivity: "base" });

for (const block of document.querySelectorAll("[data-table]")) {
  const table = block.querySelector("table");
  if (!table || !table.tHead) continue;
  makeCards(block, table);
  makeSortable(block, table);
  makeFilterable(block, table);
}

// Cards are made by display: block, which takes the table's meaning from assistive tools: roles give it back.
function makeCards(block, table) {
  const labels = [...table.tHead.rows[table.tHead.rows.length - 1].cells].map((cell) => cell.textContent.trim());
  table.setAttribute("role", "table");
  for (const group of [table.tHead, ...table.tBodies, table.tFoot]) {
    if (!group) continue;
    group.setAttribute("role", "rowgroup");
    for (const row of group.rows) {
      row.setAttribute("role", "row");
      let column = 0;
      for (const cell of row.cells) {
        const heads = cell.tagName === "TH";
        cell.setAttribute("role", heads ? (group === table.tHead ? "columnheader" : "rowheader") : "cell");
        if (group !== table.tHead && column > 0 && cell.colSpan === 1 && labels[column] && !cell.dataset.label) {
          cell.dataset.label = labels[column];
        }
        column += cell.colSpan;
      }
    }
  }
  block.dataset.cards = "";
}

function makeSortable(block, table) {
  const said = block.querySelector("[data-said]");
  for (const head of table.tHead.querySelectorAll("th[data-sort]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const turn = head.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
      for (const other of table.tHead.querySelectorAll("[aria-sort]")) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", turn);
      sort(table, head.cellIndex, turn === "ascending" ? 1 : -1);
      if (said) said.textContent = said.dataset[turn].replace("{column}", button.textContent.trim());
    });
  }
}

function sort(table, column, turn) {
  for (const body of table.tBodies) {
    const rows = [...body.rows].map((row) => [value(row.cells[column]), row]);
    rows.sort(([a], [b]) => compare(a, b, turn));
    body.append(...rows.map(([, row]) => row));
  }
}

function value(cell) {
  if (!cell) return "";
  const told = cell.dataset.value ?? cell.textContent.trim();
  return told !== "" && !Number.isNaN(Number(told)) ? Number(told) : told;
}

// Empty cells stay last whichever way the column is turned.
function compare(a, b, turn) {
  if (a === "" || b === "") return (a === "") - (b === "");
  if (typeof a === "number" && typeof b === "number") return turn * (a - b);
  return turn * collator.compare(String(a), String(b));
}

function makeFilterable(block, table) {
  const tools = block.querySelector("[data-filter-tools]");
  if (!tools) return;
  const input = tools.querySelector("input");
  const count = tools.querySelector("[data-count]");
  const none = block.querySelector("[data-none]");
  const rows = [...table.tBodies].flatMap((body) => [...body.rows]);
  const texts = new Map(rows.map((row) => [row, row.textContent.toLocaleLowerCase()]));
  const show = () => {
    const words = input.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    let seen = 0;
    for (const row of rows) {
      row.hidden = !words.every((word) => texts.get(row).includes(word));
      seen += !row.hidden;
    }
    count.textContent = count.dataset.text.replace("{shown}", seen).replace("{all}", rows.length);
    if (none) none.hidden = seen > 0;
  };
  input.addEventListener("input", show);
  tools.hidden = false;
  show();
}
