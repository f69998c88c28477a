declare module "virtual:examples" {
  export const examples: { name: string; run: () => Promise<unknown> }[];
}
