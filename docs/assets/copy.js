// Copy of a whole program gives the file that runs alone: the download, with the
// simulator in front. Other blocks copy what they show, as the theme does it.
document.addEventListener("click", event => {
  const button = event.target.closest?.(".program .md-clipboard, .program .md-code__button, .program button")
  if (!button) return
  const link = button.closest("details")?.nextElementSibling?.querySelector("a[download]")
  if (!link || !window.ClipboardItem) return
  event.stopImmediatePropagation()
  event.preventDefault()
  const text = fetch(link.href).then(answer => {
    if (!answer.ok) throw new Error(`${link.href}: ${answer.status}`)
    return answer.blob()
  }).then(blob => new Blob([blob], { type: "text/plain" }))
  navigator.clipboard.write([new ClipboardItem({ "text/plain": text })]).then(
    () => say(button, "Copied: the file runs alone"),
    () => say(button, "Could not copy; use the download below"))
}, true)

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
