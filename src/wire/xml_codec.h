// The XML codec: bodies of REST-XML and answers of the query protocol, to and from shapes.
//
// Place: wire. Threads: pure functions.
//
// Lists are <Name><member>…</member></Name>, or repeated <Name> where flattened; timestamps ISO
// 8601 unless a member says otherwise
// (https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/schema.h"

namespace tarn::wire {

// Reads a document whose root element holds the members of `schema`.
// Errors: MalformedXML (no XML, or a value of the wrong type).
[[nodiscard]] Status from_xml(const Schema& schema, std::string_view text, void* out);

// Appends <name xmlns="…">members</name>; members that are not in the body (headers, status) are
// left out.
void append_xml_element(const Schema& schema, const void* data, std::string_view name,
                        std::string_view xml_namespace, std::string& out);
// Appends only the members of a structure.
void append_xml_members(const Schema& schema, const void* data, std::string& out);

void append_xml_escaped(std::string_view text, std::string& out);

// A scalar as text: used for XML, headers, URIs and query strings. `format` where the shape itself
// has none.
[[nodiscard]] std::string scalar_text(const Schema& schema, const void* data,
                                      TimestampFormat format);
// The reverse; false where `text` is no such value. Blobs are base64.
[[nodiscard]] bool scalar_from_text(const Schema& schema, std::string_view text, void* out);

}  // namespace tarn::wire
