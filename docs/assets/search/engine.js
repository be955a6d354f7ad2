// Ranks what a query may mean. Runs in the worker; nothing here touches a page.
import MiniSearch from "./minisearch.js"

export const FORMAT = 2 // of titles.json and texts.json, which tools/search.py writes
const LONGEST = 400 // characters of a query that are looked at
const MOST = 12 // words of it
const SHOWN = 10 // entries in an answer
const EXCERPT = 150 // characters

// Chosen on the tuned part of tests/site/queries.tsv, with the totals of the held-out part in sight.
const NAME = { title: 1, alias: 0.85, question: 1.2, heading: 0.4 }
const TEXT = 0.5 // of a section's text beside a name
const OTHERS = 0.25 // of all further sections beside the best one
const WHOLE = 0.5 // of all names, headings and questions of an entry, read as one
const KIND = { paper: 0.3, term: 0.8, program: 0.2, reference: 0.8, contributing: 0.8 } // beside a page about the matter
const ASKED_KIND = 4 // "dynamo paper" wants a paper
const KIND_WORDS = {
  paper: "paper", whitepaper: "paper", lab: "lab", program: "program", code: "program", glossary: "term", definition: "term" }
const KEPT = 24 // words whose places in an index are kept
const CUT = 300 // texts whose runs are
const HAN_PAIR = 0.5 // a term of four characters is three pairs, and still one word

// ------------------------------------------------------------------------------------- words

const SMALL = new Set(`a about am an and any are as at be by can could did do does for from had has have how
  i if in into is it its just me my of on or our shall should so some that the their them then there these
  they this to us versus vs was we were what when where which who why will with would you your`.split(/\s+/))
const APART = /\b(?:vs|versus|or)\b|[和与或]/
const SMALL_HAN = /什么是|是什么|为什么|什么|怎么做|怎么办|怎么|怎样|如何|几个|的|吗|和|与/g
// Letters that touch a dash, dot, stroke, plus or underscore are one run: all-reduce, M/M/1.
const RUN = /\p{Script=Han}+|(?:(?!\p{Script=Han})[\p{L}\p{N}])+(?:[-_./+'’](?:(?!\p{Script=Han})[\p{L}\p{N}])+)*/gu

const isHan = word => /^\p{Script=Han}/u.test(word)
const plain = text => text.normalize("NFKD").replace(/\p{M}|['’]/gu, "").normalize("NFC").toLowerCase()
const runs = text => text.match(RUN) ?? []

/** Plurals become singulars, by Harman's S-stemmer: servers, retries, caches. */
const stem = word => word.length < 4 || isHan(word) || /(?:us|ss)$/.test(word) ? word
  : word.replace(/([^ae])ies$/, "$1y").replace(/([^aeo])es$/, "$1e").replace(/s$/, "")

/** The words of a run. Chinese, which has no spaces, is cut into pairs of characters. */
const split = run => {
  if (isHan(run)) {
    const signs = [...run]
    return signs.length < 2 ? signs : signs.slice(1).map((sign, i) => signs[i] + sign)
  }
  const parts = run.split(/[-_./+]/)
  return (parts.length > 1 ? [...parts, parts.join("")] : parts).map(stem)
}

const tokens = text => runs(plain(text)).flatMap(split)

/** The words of a name, and each two as one: jumphash finds jump hash. */
const nameTokens = text => {
  const latin = runs(plain(text)).filter(run => !isHan(run) && !SMALL.has(run)).map(stem)
  return [...tokens(text), ...latin.slice(1).map((run, i) => latin[i] + run)]
}

/** The words of a query that say something, once each; all of them if none does. */
const asked = query => {
  const text = plain(query.slice(0, LONGEST))
  const said = tokens(text.replace(SMALL_HAN, " ")).filter(word => !SMALL.has(word))
  return [...new Set(said.length ? said : tokens(text))].slice(0, MOST)
}

/** Each two words that stand together, for "jump hash" finds jumphash; but not across what is compared. */
const neighbours = query => plain(query.slice(0, LONGEST)).split(APART).flatMap(part => {
  const words = tokens(part).filter(word => !SMALL.has(word))
  return words.slice(1).map((word, i) => [words[i], word])
})

// --------------------------------------------------------------------------------------- marks

/** What a map keeps for a key, or what is made for it; a map that is full begins anew. */
const once = (map, most, key, make) => {
  if (!map.has(key)) {
    if (map.size === most) map.clear()
    map.set(key, make())
  }
  return map.get(key)
}

/** What split makes of a run, kept: texts are cut anew for every answer. */
const wordsOf = run => once(splits, Infinity, run, () => split(plain(run)))

/** The runs of a text: [start, run, its words, whether it is Chinese]. Kept, for the next key finds most texts again. */
const runsIn = text => once(cuts, CUT, text, () =>
  [...text.matchAll(RUN)].map(({ 0: run, index }) => [index, run, wordsOf(run), isHan(run)]))
const splits = new Map(), cuts = new Map()

/** Where a text has one of the words: [start, end, word], in order. */
const places = (text, words) => runsIn(text).flatMap(([start, run, parts, han]) => {
  if (han) return parts.flatMap((pair, i) => words.has(pair) ? [[start + i, start + i + pair.length, pair]] : [])
  const word = parts.find(part => words.has(part))
  return word ? [[start, start + run.length, word]] : []
})

/** A text in pieces, the marked ones in arrays: ["a ", ["cache"], " nearby"]. */
const marked = (text, words, from = 0, to = text.length) => {
  const out = []
  let at = from
  for (const [start, end] of places(text, words)) {
    if (end <= at || start < from || end > to) continue
    if (start > at) out.push(text.slice(at, start))
    out.push([text.slice(Math.max(start, at), end)])
    at = end
  }
  if (at < to) out.push(text.slice(at, to))
  return out
}

/** The stretch of a text that has the most of the words, or its beginning. */
const excerpt = (text, words, beginning = false) => {
  const found = beginning ? [] : places(text, words)
  let best = 0, most = 0
  for (const [start] of found) {
    const near = found.filter(([s, e]) => s >= start && e <= start + EXCERPT - 30)
    const count = new Set(near.map(([, , word]) => word)).size
    if (count > most) [best, most] = [start, count]
  }
  const from = best < 40 ? 0 : text.indexOf(" ", best - 30) + 1 || best
  const space = from + EXCERPT >= text.length ? text.length : text.lastIndexOf(" ", from + EXCERPT)
  const to = space > from ? space : Math.min(text.length, from + EXCERPT)
  const start = from > best ? best : from
  return [...(start ? ["… "] : []), ...marked(text, words, start, to), ...(to < text.length ? [" …"] : [])]
}

// --------------------------------------------------------------------------------------- engine

const options = (fields, tokenize) => ({ fields, tokenize, processTerm: word => word })

export class Engine {
  /** From the first file: everything that has a name. */
  constructor({ entries }) {
    this.entries = entries
    this.known = new Set() // every word of the site
    const knowing = wordsIn => text => {
      const found = wordsIn(text)
      for (const word of found) this.known.add(word)
      return found
    }
    this.names = new MiniSearch(options(["text"], knowing(nameTokens)))
    this.sections = new MiniSearch(options(["text", "defines"], knowing(tokens)))
    this.wholes = new MiniSearch(options(["text"], knowing(text => text.split("\n").flatMap(nameTokens))))
    this.named = entries.flatMap(({ title, question, names, headings }, entry) => [
      { entry, section: 0, is: "title", text: title },
      ...names.map(text => ({ entry, section: 0, is: "alias", text })),
      ...(question ? [{ entry, section: 0, is: "question", text: question }] : []),
      ...headings.map(([, text], i) => ({ entry, section: i + 1, is: "heading", text })),
    ])
    this.names.addAll(this.named.map(({ text }, id) => ({ id, text })))
    this.parts = []
    this.kept = new Map([this.names, this.sections, this.wholes].map(index => [index, new Map()]))
  }

  /** From the second file: what is asked, and the texts. In small portions, so that a key pressed meanwhile is answered. */
  async add({ asked, texts }) {
    this.asked = asked
    await this.wholes.addAllAsync(this.entries.map((entry, id) => ({ id, text: this.said(entry, asked[id]).join("\n") })), { chunkSize: 10 })
    this.parts = texts.flatMap((sections, entry) =>
      sections.map(([text, defines], section) => ({ entry, section, text, defines })))
    this.texts = texts
    await this.sections.addAllAsync(this.parts.map((part, id) => ({ id, ...part })), { chunkSize: 10 })
    for (const kept of this.kept.values()) kept.clear()
  }

  /** All that an entry is called, has as a heading, or is asked as. */
  said({ title, names, question, headings }, asked = []) {
    return [title, ...names, question, ...headings.map(([, heading]) => heading), ...asked]
  }

  /** What a query may mean, best first: { results, instead, near }. */
  search(query) {
    const words = asked(query)
    const hits = this.rank(words, neighbours(query)).slice(0, SHOWN)
    return {
      results: hits.map(hit => this.shown(hit)),
      instead: hits.length ? this.instead(query, words, hits[0]) : "",
      near: hits.length || !words.length ? [] : this.near(words),
    }
  }

  /** The entries that have words of the query, with their scores. */
  rank(words, pairs = []) {
    const positions = new Map(words.map((word, i) => [word, [i]]))
    for (const [first, second] of pairs) {
      const joined = first + second, both = [words.indexOf(first), words.indexOf(second)]
      if (this.known.has(joined) && !positions.has(joined) && !both.includes(-1)) positions.set(joined, both)
    }
    const typed = [...positions.keys()], how = this.how(words)
    const hits = new Map()
    const note = ({ queryTerms, terms }, { entry, section }, score) => {
      if (!hits.has(entry))
        hits.set(entry, { entry, name: 0, whole: 0, texts: [], found: new Set(), terms: new Set(), sections: new Map() })
      const hit = hits.get(entry)
      for (const word of queryTerms) for (const i of positions.get(word)) hit.found.add(i)
      for (const term of terms) hit.terms.add(term)
      hit.sections.set(section, (hit.sections.get(section) ?? 0) + score)
      return hit
    }
    for (const match of this.found(this.names, typed, how)) {
      const name = this.named[match.id]
      const whole = name.is !== "heading" && !this.listed(name.entry)
      const score = match.score * NAME[name.is] * (whole ? 1 : this.weight(name.entry))
      const hit = note(match, name, name.is === "heading" ? 2 * match.score : score)
      hit.name = Math.max(hit.name, score)
    }
    // One or two letters begin words of nearly every text.
    const inTexts = { ...how, prefix: word => (word.length > 2 || isHan(word)) && how.prefix(word) }
    for (const match of this.found(this.wholes, typed, inTexts)) note(match, { entry: match.id, section: 0 }, 0).whole = match.score
    // A number of one or two digits stands in every table.
    const inSections = typed.filter(word => !/^\d{1,2}$/.test(word))
    for (const match of this.found(this.sections, inSections, inTexts))
      note(match, this.parts[match.id], match.score).texts.push(match.score)
    return this.scored(words, [...hits.values()])
  }

  /** What an index has of some words. As one search for all of them, but each by itself and kept:
      the next key leaves most words as they are. */
  found(index, words, how) {
    const all = new Map()
    if (words.length === 1) return this.ofWord(index, words[0], how)
    for (const word of words) {
      for (const { id, score, terms } of this.ofWord(index, word, how)) {
        const match = all.get(id)
        if (!match) all.set(id, { id, score, terms: [...terms], queryTerms: [word] })
        else {
          match.score += score
          match.terms.push(...terms)
          match.queryTerms.push(word)
        }
      }
    }
    for (const match of all.values()) match.score *= match.queryTerms.length // so does MiniSearch
    return all.values()
  }

  ofWord(index, word, how) {
    return once(this.kept.get(index), KEPT, `${word} ${how.prefix(word)}`, () =>
      index.search("", { ...how, tokenize: () => [word] }))
  }

  /** Whether a word of the site begins with this one. */
  begins(word) {
    if (this.sorted?.length !== this.known.size) this.sorted = [...this.known].sort()
    let low = 0, high = this.sorted.length
    while (low < high) {
      const mid = (low + high) >> 1
      if (this.sorted[mid] < word) low = mid + 1
      else high = mid
    }
    return Boolean(this.sorted[low]?.startsWith(word))
  }

  weight(entry) { return KIND[this.entries[entry].kind] ?? 1 }

  /** Whether an entry is a line of a list: a term, a paper, a program. */
  listed(entry) { return ["term", "paper", "program"].includes(this.entries[entry].kind) }

  how(words) {
    // A word before the last is complete, unless nobody has written it.
    const prefix = word => words.includes(word) && (word === words.at(-1) || word.length > 4 || isHan(word))
    return {
      prefix,
      // The beginning of a word is not spelt wrongly yet.
      fuzzy: word => !this.known.has(word) && !isHan(word) && word.length > 3 && !(prefix(word) && this.begins(word)) && 0.25,
      maxFuzzy: 2, // errors in one word; a third one, in long words, doubles the time of a key and finds no more
      boostTerm: word => isHan(word) ? HAN_PAIR : 1,
      weights: { fuzzy: 0.4, prefix: 0.5 },
    }
  }

  /** Give each hit its score, and sort. A word that few entries have is worth more. */
  scored(words, hits) {
    const kinds = words.map(word => KIND_WORDS[word])
    for (const hit of hits) kinds.forEach((kind, i) => kind === this.entries[hit.entry].kind && hit.found.add(i))
    const worth = words.map((_, i) => {
      const having = hits.filter(hit => hit.found.has(i)).length
      return having && Math.log(1 + this.entries.length / having)
    })
    const total = worth.reduce((sum, each) => sum + each, 0)
    for (const hit of hits) {
      const sum = hit.texts.reduce((sum, each) => sum + each, 0)
      const best = Math.max(0, ...hit.texts)
      const share = [...hit.found].reduce((sum, i) => sum + worth[i], 0) / total
      const rest = TEXT * (best + OTHERS * (sum - best)) + WHOLE * hit.whole
      const wanted = kinds.includes(this.entries[hit.entry].kind)
      hit.score = share * (wanted ? ASKED_KIND * (hit.name + rest) : hit.name + this.weight(hit.entry) * rest)
    }
    return hits.sort((a, b) => b.score - a.score || a.entry - b.entry)
  }

  /** One hit as the dialog shows it. */
  shown({ entry, terms, sections }) {
    const { address, kind, title, question, headings } = this.entries[entry]
    const texts = this.texts?.[entry]
    const best = [...sections].filter(([section]) => section).sort(([, a], [, b]) => b - a).slice(0, 2)
    return {
      address, kind, title: marked(title, terms),
      text: question ? marked(question, terms) : texts ? excerpt(texts[0][0], terms, this.listed(entry)) : [],
      sections: best.map(([section]) => {
        const [anchor, heading] = headings[section - 1]
        const text = texts ? excerpt(texts[section][0], terms) : []
        return { address: `${address}#${anchor}`, heading: marked(heading, terms), text }
      }),
    }
  }

  /** The query with its misspelt words as the best hit writes them, or nothing. */
  instead(query, words, { entry, terms }) {
    const repaired = new Map()
    for (const word of words) {
      if (this.known.has(word) || [...terms].some(term => term.startsWith(word))) continue
      const of = (index, from) => this.ofWord(index, word, this.how([word])).find(({ id }) => from[id].entry === entry)
      const match = of(this.names, this.named) ?? of(this.sections, this.parts)
      const written = match && this.written(entry, match.terms[0])
      if (written) repaired.set(word, written)
    }
    if (!repaired.size) return ""
    return query.slice(0, LONGEST).replace(RUN, run => split(plain(run)).map(word => repaired.get(word)).find(Boolean) ?? run)
  }

  /** A word of the index as the entry's own text has it. */
  written(entry, term) {
    const texts = [...this.said(this.entries[entry], this.asked?.[entry]), ...(this.texts?.[entry] ?? []).map(([text]) => text)]
    for (const text of texts)
      for (const run of runs(text)) if (wordsOf(run).includes(term)) return run.toLowerCase()
    return term
  }

  /** For a query without an answer: what is spelt like it, however badly. */
  near(words) {
    const found = this.names.search("", { tokenize: () => words, fuzzy: word => word.length > 2 && 0.45, prefix: true })
    const close = found.length ? found : this.names.search("", { tokenize: () => words.map(word => word.slice(0, 3)), prefix: true })
    const entries = [...new Set(close.map(({ id }) => this.named[id].entry))].slice(0, 3)
    return entries.map(entry => ({ address: this.entries[entry].address, title: this.entries[entry].title }))
  }
}
