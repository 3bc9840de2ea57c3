// Reads AsyncAPI documents as one JSON array, and writes what the official parser says of each.
import { Parser } from "@asyncapi/parser"
import { text } from "node:stream/consumers"

const documents = JSON.parse(await text(process.stdin))
const parser = new Parser()
const answers = []
for (const document of documents) {
  const { diagnostics } = await parser.parse(document)
  answers.push(diagnostics.map(({ severity, path, message }) => ({ severity, path: path.join("/"), message })))
}
process.stdout.write(JSON.stringify(answers))
