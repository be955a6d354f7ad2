// A button that copies what a block of code shows. Of a whole program it copies the file that
// runs alone: the download, with the simulator in front.
document.addEventListener("shown", () => {
  for (const code of document.querySelectorAll("article pre > code:not(.md-code__nav + *)")) {
    const bar = document.createElement("div")
    bar.className = "md-code__nav"
    bar.innerHTML = '<button class="md-code__button" type="button" title="Copy" aria-label="Copy" data-md-type="copy"></button>'
    code.before(bar)
  }
})

document.addEventListener("click", async ({ target }) => {
  const button = target.closest?.(".md-code__button")
  if (!button) return
  const file = button.closest(".program")?.closest("details")?.nextElementSibling?.querySelector("a[download]")
  const text = file ? load(file.href) : new Blob([button.closest("pre").querySelector("code").innerText.trimEnd()], { type: "text/plain" })
  try {
    await navigator.clipboard.write([new ClipboardItem({ "text/plain": text })])
    say(button, file ? "Copied: the file runs alone" : "Copied")
  } catch { say(button, file ? "Could not copy; use the download below" : "Could not copy; mark the text instead") }
})

async function load(address) {
  const answer = await fetch(address)
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`)
  return new Blob([await answer.blob()], { type: "text/plain" })
}

function say(button, words) {
  let note = button.parentElement.querySelector("[role=status]")
  if (!note) {
    note = document.createElement("span")
    note.setAttribute("role", "status")
    note.className = "copied"
    button.parentElement.append(note)
  }
  note.textContent = words
  setTimeout(() => { note.textContent = "" }, 3000)
}
