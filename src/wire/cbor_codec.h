// The CBOR codec: AWS CBOR 1.1 bodies (application/x-amz-cbor-1.1), which the Java SDK speaks to
// Kinesis.
//
// Place: wire, beside the JSON codec, with the same errors. Threads: pure functions.
//
// RFC 8949. Timestamps are tag 1 with milliseconds since the epoch as an integer
// (AWS SDK for Java v2, SdkStructuredCborFactory), blobs are byte strings; definite and indefinite
// lengths are read.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/schema.h"

namespace tarn::wire {

// Errors: SerializationException, ValidationException (as JsonReader::read).
[[nodiscard]] Status from_cbor(const Schema& schema, std::string_view bytes, void* out);
void append_cbor(const Schema& schema, const void* data, std::string& out);

// For error bodies: a map of texts.
void append_cbor_text_map(
    std::initializer_list<std::pair<std::string_view, std::string_view>> pairs, std::string& out);

}  // namespace tarn::wire
