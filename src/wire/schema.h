// Schemas: what the wire knows of a shape, as constant tables.
//
// Place: wire. The tables are emitted at build time by spec/codegen from the botocore models and
// the overlays of spec/overlays; one codec per protocol (json_codec, query_codec, rest_codec,
// cbor_codec) interprets them. Threads: constants.
//
// A shape is a plain struct; the tables reach its members by functions that take the struct's
// address, so that the codecs are compiled once and not per shape. C++ types by kind: String
// std::string, Blob std::string, Boolean bool, Integer int32_t, Long int64_t, Float float, Double
// double, Timestamp tarn::Timestamp, List std::vector<T>, Map std::map<std::string, T>, Structure
// the struct, streaming Blob wire::Body, event stream wire::Events. A member that is not required
// is a std::optional of that (a Body or Events is null instead); a recursive structure member is a
// std::shared_ptr.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "wire/body.h"

namespace tarn::wire {

enum class Kind : std::uint8_t {
  kStructure,
  kList,
  kMap,
  kString,
  kBlob,
  kBoolean,
  kInteger,
  kLong,
  kFloat,
  kDouble,
  kTimestamp,
  kStream
};

enum class Location : std::uint8_t { kBody, kHeader, kHeaders, kUri, kQuery, kStatusCode };

enum class TimestampFormat : std::uint8_t { kDefault, kIso8601, kRfc822, kUnix };

struct Schema;

struct Member {
  std::string_view name;       // as in the model: "StreamName"
  std::string_view wire_name;  // locationName, or name
  Location location = Location::kBody;
  const Schema* schema = nullptr;
  bool required = false;
  bool xml_attribute = false;
  TimestampFormat timestamp_format = TimestampFormat::kDefault;
  // Address of the member's value inside `parent`, making it present; never nullptr.
  void* (*emplace)(void* parent) = nullptr;
  // Address of the member's value inside `parent`, or nullptr where it is absent.
  const void* (*find)(const void* parent) = nullptr;
  std::string_view form_name;  // in EC2's forms: "SubnetId"; empty: wire_name
};

struct ListAccess {
  std::size_t (*size)(const void* list);
  const void* (*at)(const void* list, std::size_t index);
  // Makes so many elements at the end, one after the other in memory; the first of them.
  void* (*extend)(void* list, std::size_t count);
  std::size_t element_bytes;

  [[nodiscard]] void* append(void* list) const { return extend(list, 1); }
};

struct MapAccess {
  std::size_t (*size)(const void* map);
  void* (*insert)(void* map, std::string_view key);  // the (new or existing) value of `key`
  // Calls visit(context, key, value) in key order.
  void (*each)(const void* map, void* context,
               void (*visit)(void* context, std::string_view key, const void* value));
};

struct Schema {
  Kind kind;
  std::string_view name;
  // Constraints: length of strings and blobs, size of lists and maps, value of numbers.
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  std::string_view pattern;                  // as in the model; empty: none
  std::span<const std::string_view> values;  // of an enum string
  std::span<const Member> members;           // of a structure
  const Member* payload = nullptr;           // of a structure: the member that is the whole body
  // Of a kStream that is an event stream (event_stream.h): its union; the rows have no access.
  std::span<const Member> events;
  const Schema* element = nullptr;           // of a list or map
  std::string_view element_name = "member";  // XML: name of a list's elements
  std::string_view key_name = "key";         // XML: of a map's entries
  std::string_view value_name = "value";
  bool flattened = false;          // XML: elements without a wrapper
  std::string_view xml_namespace;  // XML: of a structure
  TimestampFormat timestamp_format = TimestampFormat::kDefault;
  bool sensitive = false;  // never logged
  const ListAccess* list = nullptr;
  const MapAccess* map = nullptr;
};

// An owned shape of any type.
struct AnyShape {
  std::shared_ptr<void> data;
  const Schema* schema = nullptr;

  template <class T>
  [[nodiscard]] T& as() const {
    return *static_cast<T*>(data.get());
  }
};

// Deleted by a plain function: no type of its own for each shape's count of references.
template <class Shape>
AnyShape own_shape(std::unique_ptr<Shape> shape, const Schema* schema) {
  void (*const drop)(void*) = [](void* data) {
    std::default_delete<Shape>()(static_cast<Shape*>(data));
  };
  return {std::shared_ptr<void>(static_cast<void*>(shape.release()), drop), schema};
}

enum class Protocol : std::uint8_t { kJson, kQuery, kEc2, kRestXml, kRestJson };

enum class Plane : std::uint8_t {
  kData,     // runs on the I/O thread that read the request
  kControl,  // runs on the control strand
};

struct OperationError {
  std::string_view code;
  int http_status;
};

// A permission that an action needs; the forms of `resource` and `when` stand in
// src/services/iam/resource.h.
struct Permission {
  std::string_view action;    // "kinesis:PutRecords"; empty: none is needed
  std::string_view resource;  // "arn:{partition}:…:stream/{StreamName}"
  std::string_view when;      // a member that must be present, or after "!" absent; empty: always
  std::string_view items;  // a list each of whose elements is allowed or refused alone; empty: none
};

// A condition key of policies whose value is a member of the input.
struct ConditionKey {
  std::string_view key;   // "s3:prefix"
  std::string_view path;  // "Prefix"
};

// One API action as the overlay and the model declare it.
struct Operation {
  std::string_view service;  // "kinesis"
  std::string_view name;     // "PutRecords"
  std::string_view http_method = "POST";
  std::string_view uri = "/";       // "/{Bucket}/{Key+}?uploads"
  const Schema* input = nullptr;    // nullptr: no input
  const Schema* output = nullptr;   // nullptr: no output
  std::string_view result_wrapper;  // query protocol: "GetCallerIdentityResult"
  std::span<const OperationError> errors;
  std::span<const Permission> permissions;  // all that are needed; empty: none
  std::span<const ConditionKey> condition_keys;
  Plane plane = Plane::kControl;
  bool anonymous = false;  // may be called without a signature (decided by the service's policies)
  int success_status = 200;
  bool streaming_input = false;
  bool streaming_output = false;
};

// The name and route of every operation in the model, implemented or not, so that what is not there
// answers by its name.
struct KnownOperation {
  std::string_view name;
  std::string_view http_method;
  std::string_view
      uri;  // with the query keys that must be present: "/{Bucket}/{Key+}?partNumber&uploadId"
  std::string_view header;  // a request header that must be present; empty: none
};

struct ServiceModel {
  std::string_view name;             // room and overlay: "kinesis"
  std::string_view signing_name;     // credential scope: "kinesis"
  std::string_view endpoint_prefix;  // host: "kinesis" of kinesis.us-west-2.amazonaws.com
  Protocol protocol = Protocol::kJson;
  std::string_view json_version;   // "1.1"
  std::string_view target_prefix;  // "Kinesis_20131202"
  std::string_view api_version;    // "2013-12-02"
  std::string_view xml_namespace;
  std::string_view error_prefix;  // JSON __type prefix: "com.amazonaws.dynamodb.v20120810#"
  bool accepts_cbor = false;
  std::size_t body_limit = 16U << 20;  // of a body that is not streamed, in bytes
  std::span<const KnownOperation> known;
};

}  // namespace tarn::wire
