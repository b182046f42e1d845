"use client";

export default function Failed({ reset }: { reset: () => void }) {
  return (
    <>
      <h1>That did not work</h1>
      <p>The service can&apos;t be reached right now. Nothing was lost.</p>
      <p><button className="button primary" onClick={reset}>Try again</button></p>
    </>
  );
}
