/** Offers numbers as a file. */
export function Download({ name, label, text }: { name: string; label: string; text(): string }) {
  const save = (): void => {
    const url = URL.createObjectURL(new Blob([text()], { type: "text/csv" }));
    const link = Object.assign(document.createElement("a"), { href: url, download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  };
  return (
    <button type="button" class="button quiet" onClick={save}>
      {label}
    </button>
  );
}
