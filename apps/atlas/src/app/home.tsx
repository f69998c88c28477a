import { chapters } from "./chapters";
import { pages } from "./registry";

/** The contents of the atlas. */
export function Home() {
  return (
    <article class="home">
      <header class="home-head">
        <p class="overline">The atlas of Ansatz</p>
        <h1>The mathematics of generative AI, live</h1>
        <p class="lead">
          Each page is one experiment of the theory. Nothing is recorded: what you see is computed here, in your
          browser, by the code printed below it. Change a number and watch what follows.
        </p>
      </header>
      <ol class="chapters">
        {chapters.map((chapter) => {
          const mine = pages.filter((p) => p.chapter === chapter);
          return (
            <li key={chapter.slug} data-chapter={chapter.slug} class={mine.length === 0 ? "empty" : ""}>
              <div class="chapter-head">
                <span class="chapter-number" aria-hidden="true">
                  {chapter.number}
                </span>
                <div>
                  <h2 class="chapter-title">{chapter.title}</h2>
                  <p>{chapter.summary}</p>
                </div>
              </div>
              {mine.length > 0 && (
                <ul class="cards">
                  {mine.map((page) => (
                    <li key={page.path}>
                      <a class="card" href={page.path}>
                        {page.thumbnail && (
                          // SVG files of this repository
                          <span
                            class="card-picture"
                            aria-hidden="true"
                            dangerouslySetInnerHTML={{ __html: page.thumbnail }}
                          />
                        )}
                        <span class="card-text">
                          <span class="card-title">{page.meta.title}</span>
                          <span class="card-summary">{page.meta.summary}</span>
                        </span>
                      </a>
                    </li>
                  ))}
                </ul>
              )}
            </li>
          );
        })}
      </ol>
    </article>
  );
}
