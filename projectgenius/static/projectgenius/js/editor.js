// A code editor over <textarea data-editor data-language="python">: colours, line numbers, indentation, pairs. The text
// area stays the only control: forms and undo work as ever.
const WIDE = { python: 4, javascript: 2, c: 4, cpp: 4, java: 4, bash: 2 };
const PAIRS = { '(': ')', '[': ']', '{': '}', '"': '"', "'": "'" };
const CLOSING = new Set(Object.values(PAIRS));
const MOST_COLOURED = 20000; // characters

// --- Words: the place of the group that found something says its class

const CLASSES = ['c', 's', 'n', 'k', 'f'];
const NUMBER = '\\b(?:0[xXbBoO][\\da-fA-F_]+|\\d[\\d_]*(?:\\.\\d+)?(?:[eE][+-]?\\d+)?)\\w*';
const QUOTED = '"(?:\\\\.|[^"\\\\\\n])*"?|\'(?:\\\\.|[^\'\\\\\\n])*\'?';
const C_COMMENT = '//[^\\n]*|/\\*[^]*?(?:\\*/|$)';
const words = (text) => `\\b(?:${text.trim().replace(/\s+/g, '|')})\\b`;
const tokens = (comment, text, keywords, call = '\\b[A-Za-z_]\\w*(?=\\s*\\()') =>
  new RegExp(`(${comment})|(${text})|(${NUMBER})|(${keywords})|(${call})`, 'g');
const ALL = 'break case continue default do else for if return switch while ';
const OBJECTS = `${ALL} class const false finally new null super this throw true try void catch `;
const C_WORDS = `${ALL} auto bool char const double enum extern false float int long short sizeof
  static struct true typedef union unsigned void volatile NULL `;
const C_TEXT = `#\\s*include\\s*<[^>\\n]*>|${QUOTED}`;
const LANGUAGES = {
  python: tokens('#[^\\n]*', `[bfruBFRU]{0,2}(?:"""[^]*?(?:"""|$)|\'\'\'[^]*?(?:\'\'\'|$)|${QUOTED})`, words(`False None True
    and as assert async await break case class continue def del elif else except finally for from global if import in is
    lambda match nonlocal not or pass raise return try while with yield`)),
  javascript: tokens(C_COMMENT, `\`(?:\\\\.|[^\`\\\\])*\`?|${QUOTED}`, words(`${OBJECTS} async await delete export extends
    from function import in instanceof let of static typeof undefined var yield`)),
  c: tokens(C_COMMENT, C_TEXT, `#\\s*\\w+|${words(C_WORDS)}`),
  cpp: tokens(C_COMMENT, C_TEXT, `#\\s*\\w+|${words(`${C_WORDS} catch class constexpr delete namespace
    new nullptr operator override private protected public template this throw try typename using virtual`)}`),
  java: tokens(C_COMMENT, `"""[^]*?(?:"""|$)|${QUOTED}`, words(`${OBJECTS} abstract boolean byte char double enum extends
    final float implements import instanceof int interface long package private protected public record short static
    synchronized throws var`)),
  bash: tokens('(?<=^|\\s)#[^\\n]*', '"(?:\\\\.|[^"\\\\])*"?|\'[^\']*\'?', `${words(`case do done elif else esac exit export fi
    for function if in local read return shift then until while echo printf`)}|\\$\\w+|\\$\\{[^}\\n]*\\}`,
  '\\b[A-Za-z_]\\w*(?=\\s*\\(\\))'),
};
const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

export function coloured(text, language) {
  const pattern = LANGUAGES[language];
  if (!pattern || text.length > MOST_COLOURED) return escape(text);
  let html = '';
  let at = 0;
  for (const found of text.matchAll(pattern)) {
    const kind = CLASSES[found.slice(1).findIndex((group) => group !== undefined)];
    html += `${escape(text.slice(at, found.index))}<span class="hl-${kind}">${escape(found[0])}</span>`;
    at = found.index + found[0].length;
  }
  return html + escape(text.slice(at));
}

// --- Writing: execCommand keeps the browser's own undo

function write(area, from, to, text, select = [text.length, text.length]) {
  area.setSelectionRange(from, to);
  const command = text ? 'insertText' : 'delete';
  if ((text || from !== to) && !document.execCommand(command, false, text)) {
    area.setRangeText(text);
    area.dispatchEvent(new Event('input', { bubbles: true }));
  }
  area.setSelectionRange(from + select[0], from + select[1]);
}

const lineStart = (area) => area.value.lastIndexOf('\n', area.selectionStart - 1) + 1;

// The lines that the selection touches, each through `change`; the same lines stay selected.
function changeLines(area, change) {
  const start = lineStart(area);
  const { selectionStart: from, selectionEnd: to, value } = area;
  const last = to > from && value[to - 1] === '\n' ? to - 1 : to;
  const stop = value.indexOf('\n', last);
  const end = stop < 0 ? value.length : stop;
  const lines = value.slice(start, end).split('\n');
  const changed = lines.map(change);
  const text = changed.join('\n');
  if (text === lines.join('\n')) return;
  const first = Math.max(0, from - start + changed[0].length - lines[0].length);
  const whole = to - start + text.length - (end - start);
  write(area, start, end, text, from === to ? [first, first] : [lines.length > 1 ? 0 : first, Math.max(first, whole)]);
}

function indent(area, width) {
  const { selectionStart: from, selectionEnd: to, value } = area;
  if (value.slice(from, to).includes('\n')) changeLines(area, (line) => (line ? ' '.repeat(width) + line : line));
  else write(area, from, to, ' '.repeat(width - ((from - lineStart(area)) % width)));
}

function outdent(area, width) {
  changeLines(area, (line) => line.replace(new RegExp(`^(?:\\t| {1,${width}})`), ''));
}

function newLine(area, width) {
  const { selectionStart: from, selectionEnd: to, value } = area;
  const before = value.slice(lineStart(area), from);
  const base = before.match(/^[ \t]*/)[0];
  const opens = /[([{:]\s*$/.test(before) && (area.dataset.language === 'python' || !/:\s*$/.test(before));
  const inner = `\n${base}${opens ? ' '.repeat(width) : ''}`;
  const isBetween = from === to && '([{'.includes(value[from - 1] ?? ' ') && PAIRS[value[from - 1]] === value[from];
  write(area, from, to, isBetween ? `${inner}\n${base}` : inner, [inner.length, inner.length]);
}

// Whether a sign that opens or closes a pair was dealt with.
function pair(area, sign) {
  const { selectionStart: from, selectionEnd: to, value } = area;
  const next = value[to] ?? '';
  if (from === to && CLOSING.has(sign) && next === sign) {
    area.setSelectionRange(to + 1, to + 1);
    return true;
  }
  if (!(sign in PAIRS)) return false;
  const isQuote = PAIRS[sign] === sign;
  if (from === to && (/[^\s)\]},;:]/.test(next) || (isQuote && /[\w"'\\]/.test(value[from - 1] ?? '')))) return false;
  const inner = value.slice(from, to);
  write(area, from, to, sign + inner + PAIRS[sign], [1, 1 + inner.length]);
  return true;
}

function eraseIndentOrPair(area, width) {
  const { selectionStart: from, selectionEnd: to, value } = area;
  if (from !== to || !from) return false;
  const before = value.slice(lineStart(area), from);
  if (before && /^ +$/.test(before)) {
    write(area, from - (((before.length - 1) % width) + 1), from, '');
    return true;
  }
  if (!value[from] || PAIRS[value[from - 1]] !== value[from]) return false;
  write(area, from - 1, from + 1, '');
  return true;
}

// --- Keys. Escape lets the next Tab go, so that nobody is caught

function onKey(event, area, state) {
  const width = WIDE[area.dataset.language] ?? 4;
  const isTab = event.key === 'Tab' && !event.ctrlKey && !event.altKey && !event.metaKey;
  if (event.key === 'Escape') state.isLeaving = true;
  else if (!isTab && !['Shift', 'Control', 'Alt', 'Meta'].includes(event.key)) state.isLeaving = false;
  if (event.isComposing || event.defaultPrevented || area.readOnly || (isTab && state.isLeaving)) return;
  let isDone = false;
  if ((event.ctrlKey || event.metaKey) && event.key === 'Enter') {
    area.dispatchEvent(new CustomEvent('editor-run', { bubbles: true, detail: { all: event.shiftKey } }));
    isDone = true;
  } else if (event.ctrlKey || event.metaKey || event.altKey) return;
  else if (isTab) {
    (event.shiftKey ? outdent : indent)(area, width);
    isDone = true;
  } else if (event.key === 'Enter' && !event.shiftKey) {
    newLine(area, width);
    isDone = true;
  } else if (event.key === 'Backspace') isDone = eraseIndentOrPair(area, width);
  else if (event.key.length === 1) isDone = pair(area, event.key);
  if (isDone) event.preventDefault();
}

// --- What is drawn underneath

function draw(area, layer, numbers, state) {
  state.isDue = false;
  layer.innerHTML = `${coloured(area.value, area.dataset.language)}\n`;
  const lines = area.value.split('\n').length;
  if (lines !== state.lines) {
    numbers.textContent = Array.from({ length: lines }, (_, place) => place + 1).join('\n');
    state.lines = lines;
  }
  follow(area, layer, numbers);
}

function follow(area, layer, numbers) {
  layer.scrollTop = numbers.scrollTop = area.scrollTop;
  layer.scrollLeft = area.scrollLeft;
}

function enhance(area) {
  if (area.closest('.editor')) return;
  const box = document.createElement('div');
  const numbers = document.createElement('div');
  const layer = document.createElement('pre');
  box.className = 'editor';
  numbers.className = 'editor__numbers';
  layer.className = 'editor__layer';
  for (const part of [numbers, layer]) part.setAttribute('aria-hidden', 'true');
  area.before(box);
  box.append(numbers, layer, area);
  Object.assign(area, { spellcheck: false, wrap: 'off' });
  area.classList.add('editor__area');
  for (const name of ['autocapitalize', 'autocomplete']) area.setAttribute(name, 'off');
  const state = { isLeaving: false, isDue: false, lines: 0 };
  const redraw = () => {
    if (!state.isDue) requestAnimationFrame(() => draw(area, layer, numbers, state));
    state.isDue = true;
  };
  area.addEventListener('keydown', (event) => onKey(event, area, state));
  area.addEventListener('blur', () => { state.isLeaving = false; });
  area.addEventListener('input', redraw);
  area.addEventListener('change', redraw);
  area.addEventListener('scroll', () => follow(area, layer, numbers));
  draw(area, layer, numbers, state);
  const hint = document.getElementById(area.getAttribute('aria-describedby')?.split(' ')[0] ?? '');
  if (hint && 'editorHint' in hint.dataset) hint.hidden = false;
}

const enhanceAll = () => document.querySelectorAll('textarea[data-editor]').forEach(enhance);

// Parts of pages arrive later too; what is drawn here is no news.
new MutationObserver((news) => {
  if (news.some(({ target }) => !target.closest('.editor'))) enhanceAll();
}).observe(document.body, { childList: true, subtree: true });
enhanceAll();
