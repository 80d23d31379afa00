#include "gateway/fault.h"

#include <fmt/format.h>

#include "wire/cbor_codec.h"
#include "wire/encoding.h"
#include "wire/json_codec.h"
#include "wire/xml_codec.h"

namespace tarn::gateway {
namespace {

struct Wording {
  std::string_view code;
  int status;
};

struct Row {
  Fault fault;
  Wording json;
  Wording query;
  Wording s3;
};

constexpr Row kRows[] = {
    {Fault::kMissingSignature,
     {"MissingAuthenticationTokenException", 403},
     {"MissingAuthenticationToken", 403},
     {"AccessDenied", 403}},
    {Fault::kUnknownKey,
     {"UnrecognizedClientException", 400},
     {"InvalidClientTokenId", 403},
     {"InvalidAccessKeyId", 403}},
    {Fault::kWrongSignature,
     {"InvalidSignatureException", 400},
     {"SignatureDoesNotMatch", 403},
     {"SignatureDoesNotMatch", 403}},
    {Fault::kWrongToken,
     {"UnrecognizedClientException", 400},
     {"InvalidClientTokenId", 403},
     {"InvalidToken", 400}},
    {Fault::kExpiredToken,
     {"ExpiredTokenException", 400},
     {"ExpiredToken", 403},
     {"ExpiredToken", 400}},
    {Fault::kSkewedClock,
     {"InvalidSignatureException", 400},
     {"SignatureDoesNotMatch", 403},
     {"RequestTimeTooSkewed", 403}},
    {Fault::kExpiredRequest,
     {"InvalidSignatureException", 400},
     {"RequestExpired", 400},
     {"AccessDenied", 403}},
    {Fault::kAccessDenied,
     {"AccessDeniedException", 400},
     {"AccessDenied", 403},
     {"AccessDenied", 403}},
    {Fault::kNotImplemented,
     {"NotImplemented", 501},
     {"NotImplemented", 501},
     {"NotImplemented", 501}},
    {Fault::kUnknownOperation,
     {"UnknownOperationException", 400},
     {"InvalidAction", 400},
     {"MethodNotAllowed", 405}},
    {Fault::kInvalid,
     {"ValidationException", 400},
     {"ValidationError", 400},
     {"InvalidArgument", 400}},
};

const Wording& wording(const Row& row, wire::Protocol protocol) {
  switch (protocol) {
    case wire::Protocol::kQuery:
    case wire::Protocol::kEc2: return row.query;
    case wire::Protocol::kRestXml: return row.s3;
    default: return row.json;
  }
}

// Codes that any action of any service may answer with, beside its own.
constexpr Wording kCommon[] = {
    {"SerializationException", 400},  {"ValidationException", 400},
    {"ValidationError", 400},         {"MalformedXML", 400},
    {"InvalidArgument", 400},         {"InvalidRequest", 400},
    {"EntityTooLarge", 413},          {"IncompleteBody", 400},
    {"IncompleteSignature", 400},     {"XAmzContentSHA256Mismatch", 400},
    {"InvalidChunkSizeError", 400},   {"MalformedTrailerError", 400},
    {"SignatureDoesNotMatch", 403},   {"AccessDenied", 403},
    {"AccessDeniedException", 400},   {"ServiceUnavailable", 503},
    {"InternalFailure", 500},         {"InternalError", 500},
    {"ThrottlingException", 400},     {"SlowDown", 503},
    {"MissingRequestBodyError", 400}, {"NotImplemented", 501},
};

int declared_status(const Error& error, const wire::Operation* operation) {
  if (operation != nullptr) {
    for (const auto& declared : operation->errors) {
      if (declared.code == error.code) return declared.http_status;
    }
  }
  for (const auto& common : kCommon) {
    if (common.code == error.code) return common.status;
  }
  return 0;
}

Error internal(wire::Protocol protocol, std::string message) {
  return {protocol == wire::Protocol::kRestXml ? "InternalError" : "InternalFailure",
          std::move(message), 500};
}

void json_body(const Error& error, const wire::ServiceModel* model, wire::Response& out) {
  out.content = "{\"__type\":";
  wire::append_json_string(
      (model != nullptr ? std::string(model->error_prefix) : std::string()) + error.code,
      out.content);
  out.content += ",\"message\":";
  wire::append_json_string(error.message, out.content);
  for (const auto& [name, value] : error.details) {
    out.content.push_back(',');
    wire::append_json_string(name, out.content);
    out.content.push_back(':');
    // A detail that is a JSON value already, such as DynamoDB's Item, goes in as it is.
    if (value.starts_with('{') || value.starts_with('[')) {
      out.content += value;
    } else {
      wire::append_json_string(value, out.content);
    }
  }
  out.content += "}";
  const std::string_view version =
      model != nullptr && !model->json_version.empty() ? model->json_version : "1.1";
  out.headers.add("Content-Type", fmt::format("application/x-amz-json-{}", version));
  out.headers.add("x-amzn-ErrorType", error.code);
}

void query_body(const Error& error, const wire::ServiceModel* model, std::string_view request_id,
                wire::Response& out) {
  out.content = fmt::format("<ErrorResponse xmlns=\"{}\"><Error><Type>{}</Type><Code>",
                            model != nullptr ? model->xml_namespace : "",
                            error.http_status >= 500 ? "Receiver" : "Sender");
  wire::append_xml_escaped(error.code, out.content);
  out.content += "</Code><Message>";
  wire::append_xml_escaped(error.message, out.content);
  out.content +=
      fmt::format("</Message></Error><RequestId>{}</RequestId></ErrorResponse>", request_id);
  out.headers.add("Content-Type", "text/xml");
}

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
void ec2_body(const Error& error, std::string_view request_id, wire::Response& out) {
  // EC2's own words for it.
  const bool is_denial = error.code == "AccessDenied";
  out.content = "<Response><Errors><Error><Code>";
  wire::append_xml_escaped(is_denial ? "UnauthorizedOperation" : error.code, out.content);
  out.content += "</Code><Message>";
  if (is_denial) out.content += "You are not authorized to perform this operation. ";
  wire::append_xml_escaped(error.message, out.content);
  out.content +=
      fmt::format("</Message></Error></Errors><RequestID>{}</RequestID></Response>", request_id);
  out.headers.add("Content-Type", "text/xml");
}

void s3_body(const Error& error, std::string_view request_id, wire::Response& out) {
  out.headers.add("Content-Type", "application/xml");
  // Answers without a body by HTTP's own rules (RFC 9110 section 15.4.5).
  if (error.http_status == 304) return;
  out.content = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>";
  wire::append_xml_escaped(error.code, out.content);
  out.content += "</Code><Message>";
  wire::append_xml_escaped(error.message, out.content);
  out.content += "</Message>";
  for (const auto& [name, value] : error.details) {
    out.content += fmt::format("<{}>", name);
    wire::append_xml_escaped(value, out.content);
    out.content += fmt::format("</{}>", name);
  }
  out.content += fmt::format("<RequestId>{}</RequestId></Error>", request_id);
}

}  // namespace

Error fault(Fault fault, wire::Protocol protocol, std::string message) {
  for (const auto& row : kRows) {
    if (row.fault != fault) continue;
    const Wording& words = wording(row, protocol);
    return {words.code, std::move(message), words.status};
  }
  return internal(protocol, std::move(message));
}

Error to_public(Error error, wire::Protocol protocol, const wire::Operation* operation,
                bool& is_bug) {
  is_bug = false;
  if (error.http_status != 0) return error;
  if (error.is(code::kDiskFull)) {
    is_bug = true;
    return {"ServiceUnavailable",
            "The disk of tarn's data directory is full: nothing was written. Free some space; "
            "reads go on. (" +
                error.message + ")",
            503};
  }
  if (error.is("ValidationException"))
    return fault(Fault::kInvalid, protocol, std::move(error.message));
  error.http_status = declared_status(error, operation);
  if (error.http_status != 0) return error;
  is_bug = true;
  return internal(protocol, fmt::format("tarn could not complete the request: {}", error.message));
}

wire::Response to_response(const Error& failure, wire::Protocol protocol,
                           const wire::ServiceModel* model, std::string_view request_id,
                           bool cbor) {
  // It may quote what the client sent, or a program wrote.
  Error error = failure;
  error.message = wire::to_utf8(failure.message);
  wire::Response out;
  out.status = error.http_status;
  for (const auto& [name, value] : error.headers) out.headers.add(name, value);
  switch (protocol) {
    case wire::Protocol::kQuery: query_body(error, model, request_id, out); break;
    case wire::Protocol::kEc2: ec2_body(error, request_id, out); break;
    case wire::Protocol::kRestXml: s3_body(error, request_id, out); break;
    default:
      if (cbor) {
        wire::append_cbor_text_map({{"__type", error.code}, {"message", error.message}},
                                   out.content);
        out.headers.add("Content-Type", "application/x-amz-cbor-1.1");
        out.headers.add("x-amzn-ErrorType", error.code);
      } else {
        json_body(error, model, out);
      }
  }
  return out;
}

}  // namespace tarn::gateway
