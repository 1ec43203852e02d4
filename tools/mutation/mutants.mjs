import ts from 'typescript';

/** What an operator is turned into. */
const OPERATORS = {
  '===': '!==',
  '!==': '===',
  '<': '>=',
  '<=': '>',
  '>': '<=',
  '>=': '<',
  '&&': '||',
  '||': '&&',
  '??': '&&',
  '+': '-',
  '-': '+',
  '+=': '-=',
  '-=': '+=',
};

/** What is replaced within a node, as `[start, end, text]`. */
function* replacementsOf(node, source) {
  const whole = [node.getStart(source), node.getEnd()];
  const within = (part, text) => [part.getStart(source), part.getEnd(), text];
  if (ts.isBinaryExpression(node)) {
    const other = OPERATORS[node.operatorToken.getText(source)];
    if (other !== undefined) yield within(node.operatorToken, other);
  }
  if (node.kind === ts.SyntaxKind.TrueKeyword) yield [...whole, 'false'];
  if (node.kind === ts.SyntaxKind.FalseKeyword) yield [...whole, 'true'];
  if (ts.isIfStatement(node) || ts.isWhileStatement(node)) {
    const condition = node.expression.getText(source);
    yield within(node.expression, `!(${condition})`);
  }
  if (ts.isConditionalExpression(node)) yield within(node.condition, `!(${node.condition.getText(source)})`);
  if (ts.isExpressionStatement(node) || ts.isThrowStatement(node)) yield [...whole, ';'];
  if (ts.isReturnStatement(node) && node.expression !== undefined && node.expression.getText(source) !== 'undefined')
    yield [...whole, 'return undefined;'];
}

/** The lines that a replacement changes, before and after, without line ends and indentation. */
function linesAround(text, start, end, replacement) {
  const from = text.lastIndexOf('\n', start - 1) + 1;
  const behind = text.indexOf('\n', end);
  const to = behind < 0 ? text.length : behind;
  const asOne = (lines) => lines.replace(/\s+/g, ' ').trim();
  return {
    was: asOne(text.slice(from, to)),
    becomes: asOne(text.slice(from, start) + replacement + text.slice(end, to)),
  };
}

/**
 * Every program that differs from the given one by one small fault.
 *
 * @param {string} file its name, for TypeScript
 * @param {string} text
 * @returns {{ line: number, was: string, becomes: string, text: string }[]} in the order of the text; `was` and `becomes`
 *   are the lines that differ
 */
export function mutantsOf(file, text) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true);
  const found = [];
  const visit = (node) => {
    // Types are gone when it runs, and imports are not the file's own.
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isInterfaceDeclaration(node)) return;
    for (const [start, end, replacement] of replacementsOf(node, source))
      found.push({
        line: source.getLineAndCharacterOfPosition(start).line + 1,
        ...linesAround(text, start, end, replacement),
        text: text.slice(0, start) + replacement + text.slice(end),
      });
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}
