/** The generated loader of the addon, wherever the build at hand keeps it (`imports` in package.json). */
declare module '#binding' {
  const binding: unknown;
  export default binding;
}
