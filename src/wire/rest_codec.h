// The REST bindings: members in the path, the query string, headers and the status line, and a body
// that is a payload.
//
// Place: wire; of REST-XML (S3) and REST-JSON (Lambda). Threads: pure functions.
// (https://smithy.io/2.0/spec/http-bindings.html)
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "wire/http.h"
#include "wire/schema.h"

namespace tarn::wire {

using Labels =
    std::vector<std::pair<std::string_view, std::string>>;  // {"Bucket", "b"}, {"Key", "a/b"}

// Matches the encoded `path` against the path of an operation's URI ("/{Bucket}/{Key+}"); labels
// decoded. A label does not match an empty segment.
[[nodiscard]] bool match_path(std::string_view uri, std::string_view path, Labels& labels);

// Fills the members that are not in the body, and the body's payload where it is a stream or a
// blob. `content` is the body where it was read whole. Errors: InvalidArgument (a header, label or
// query value of the wrong type), MalformedXML.
[[nodiscard]] Status from_rest_xml(const Schema& schema, const Labels& labels,
                                   const Request& request, std::string content, void* out);
// The same where the body is JSON. Errors: ValidationException, SerializationException.
[[nodiscard]] Status from_rest_json(const Schema& schema, const Labels& labels,
                                    const Request& request, std::string content, void* out);

// Puts `output` into the response: headers, status, stream, or an XML body with `root` as its
// element.
void to_rest_xml(const Operation& operation, std::string_view xml_namespace, const void* output,
                 Response& response);
// The same with a JSON body.
void to_rest_json(const Operation& operation, const void* output, Response& response);

}  // namespace tarn::wire
