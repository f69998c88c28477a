import type { ComponentType } from "preact";
import { type Chapter, chapters } from "./chapters";

/** What a page says about itself: the default export of its meta.ts. */
export interface PageMeta {
  readonly title: string;
  /** One sentence for the contents. */
  readonly summary: string;
  /** The problem in one formula (TeX). */
  readonly formula: string;
  /** The objects of the theory that the page realises, by their IDs. */
  readonly spec: readonly string[];
  /** Place within the chapter; default 0, ties by title. */
  readonly order?: number;
}

export interface Page {
  readonly path: string;
  readonly chapter: Chapter;
  readonly meta: PageMeta;
  /** SVG text, drawn with currentColor and var(--accent); from thumbnail.svg, if the folder has one. */
  readonly thumbnail: string | undefined;
  load(): Promise<ComponentType>;
}

interface Sources {
  metas: Record<string, { default: PageMeta }>;
  pages: Record<string, () => Promise<{ default: ComponentType }>>;
  thumbnails: Record<string, string>;
}

/** Puts the folders together: `../pages/CHAPTER/SLUG/` with meta.ts, page.tsx and, if you like, thumbnail.svg. */
export const collect = ({ metas, pages, thumbnails }: Sources): Page[] => {
  const found = Object.entries(metas).map(([file, { default: meta }]): Page => {
    const folder = file.slice(0, -"/meta.ts".length);
    const [chapterSlug, slug] = folder.split("/").slice(-2);
    const chapter = chapters.find((c) => c.slug === chapterSlug);
    const load = pages[`${folder}/page.tsx`];
    if (!chapter)
      throw new Error(`${file}: no chapter ${chapterSlug}; there are ${chapters.map((c) => c.slug).join(", ")}`);
    if (!load) throw new Error(`${file}: there is no page.tsx beside it`);
    return {
      path: `/${chapter.slug}/${slug}`,
      chapter,
      meta,
      thumbnail: thumbnails[`${folder}/thumbnail.svg`],
      load: async () => (await load()).default,
    };
  });
  const orphan = Object.keys(pages).find((file) => !(file.replace(/page\.tsx$/, "meta.ts") in metas));
  if (orphan) throw new Error(`${orphan}: there is no meta.ts beside it`);
  return found.sort(
    (a, b) =>
      a.chapter.number - b.chapter.number ||
      (a.meta.order ?? 0) - (b.meta.order ?? 0) ||
      a.meta.title.localeCompare(b.meta.title),
  );
};

/** Every page of the atlas, in reading order. A folder is enough to be in it. */
export const pages: readonly Page[] = collect({
  metas: import.meta.glob<{ default: PageMeta }>("../pages/*/*/meta.ts", { eager: true }),
  pages: import.meta.glob<{ default: ComponentType }>("../pages/*/*/page.tsx"),
  thumbnails: import.meta.glob("../pages/*/*/thumbnail.svg", { eager: true, query: "?raw", import: "default" }),
});
