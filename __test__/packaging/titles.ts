import ts from 'typescript';

/** Whether a file of tests has one of a name: for sentences that are put together, whether the name is one that can come of it. */
export type HasTest = (name: string) => boolean;

/** What declares a test, or a suite; `withTable` and its kin are those of the conformance suite and of the truth suites. */
const DECLARE = new Set(['test', 'it', 'describe', 'withTable', 'forEveryCase', 'truthSuite']);

/** The tests of a file, by their names. */
export function testsIn(text: string): HasTest {
  const patterns: RegExp[] = [];
  const texts = new Set<string>();
  let byTable = false;
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) texts.add(node.text);
    if (ts.isCallExpression(node) && DECLARE.has(calledName(node.expression))) {
      for (const argument of node.arguments.slice(0, 2)) {
        const pattern = patternOf(argument);
        if (pattern !== null) patterns.push(pattern);
      }
      const [title] = node.arguments;
      byTable ||= title !== undefined && ts.isIdentifier(title);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('tests.ts', text, ts.ScriptTarget.Latest, true));
  // What is put into a sentence stands somewhere in the file.
  const comesOf = (pattern: RegExp, name: string) => pattern.exec(name)?.every((part, at) => at === 0 || text.includes(part)) === true;
  // A name that comes from a table of cases is one of the file's texts.
  return (name) => patterns.some((pattern) => comesOf(pattern, name)) || (byTable && texts.has(name));
}

function calledName(callee: ts.Expression): string {
  if (ts.isPropertyAccessExpression(callee)) return callee.name.text;
  return ts.isIdentifier(callee) ? callee.text : '';
}

/** What a title matches; `null` for what is none, or says nothing of its own. */
function patternOf(title: ts.Expression): RegExp | null {
  if (ts.isStringLiteral(title) || ts.isNoSubstitutionTemplateLiteral(title)) return new RegExp(`^${escaped(title.text)}$`);
  if (!ts.isTemplateExpression(title)) return null;
  const parts = [title.head.text, ...title.templateSpans.map(({ literal }) => literal.text)];
  return parts.join('').trim() === '' ? null : new RegExp(`^${parts.map(escaped).join('(.+)')}$`);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
