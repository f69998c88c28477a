/** What is wrong with a formula. */
export interface Problem {
  readonly message: string;
  /** Where in the text, from 0, if it is at a place. */
  readonly at: number | undefined;
}

/** From an error that names its caller first and, where there is one, the position. */
export const problemOf = ({ message }: Error): Problem => {
  const position = /position: (\d+)/.exec(message)?.[1];
  const said = message.replace(/^\w+: /, "").replace(/, position: \d+/, "");
  return {
    message: `${said[0]?.toUpperCase() ?? ""}${said.slice(1)}.`,
    at: position === undefined ? undefined : Number(position),
  };
};
