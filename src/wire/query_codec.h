// The query codec: form-encoded requests (Action=…&Name.member.1=…) into shapes. Answers are XML
// (xml_codec).
//
// Place: wire; STS, IAM, CloudFormation and EC2 speak it. Threads: pure functions.
// (https://smithy.io/2.0/aws/protocols/aws-query-protocol.html)
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "wire/schema.h"

namespace tarn::wire {

using FormPairs = std::vector<std::pair<std::string, std::string>>;

// How names are made in forms: EC2's have no `.member` in lists and names of their own
// (https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html).
enum class FormStyle : std::uint8_t { kQuery, kEc2 };

// Errors: ValidationError (missing or of the wrong type, by its name), MalformedQueryString.
[[nodiscard]] Status from_form(const Schema& schema, const FormPairs& pairs, void* out,
                               FormStyle style = FormStyle::kQuery);

}  // namespace tarn::wire
