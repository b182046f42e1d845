import type { Metadata } from "next";
import { connection } from "next/server";
import { ContactForm } from "@/components/contact-form";
import { publicApiUrl } from "@/lib/urls";

export const metadata: Metadata = { title: "Write to us" };

export default async function Contact() {
  await connection(); // the address is this server's to say, not the build's
  return (
    <>
      <h1>Write to us</h1>
      <div className="panel max-w-md"><ContactForm apiUrl={publicApiUrl()} /></div>
    </>
  );
}
