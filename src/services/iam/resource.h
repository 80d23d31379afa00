// What an API call is about: the ARNs and the condition keys that its overlay declares, read from
// its input.
//
// Place: services/iam, for the authorizer. Threads: pure functions.
//
// A permission's `resource` is a template, of which the first alternative counts all of whose
// members are present:
//
//     {StreamARN}|arn:{partition}:kinesis:{region}:{account}:stream/{StreamName}
//
// Besides members there are {partition}, {region}, {account} and {caller}, the caller's own ARN. A
// path leads to members: {Tagging.TagSet}, {TransactItems[].Put.TableName} (of every element of a
// list), {RequestItems.*} (every key of a map); the template then stands for as many resources.
// Where the permission has `items` ("Delete.Objects[]"), a path that begins with "." leads from an
// element of that list, and each element is asked about alone.
// {TableName?arn} may be an ARN itself, which then takes the place of all that stands before it;
// {CopySource?copy-source} is what x-amz-copy-source holds, as bucket/key. "CopySource?version" in
// `when` is present where it names a version.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/service.h"
#include "wire/schema.h"

namespace tarn::iam {

// Whether the permission is needed for this input: its `when` names a member that is present, or,
// after "!", one that is not. Of one with `items` each element decides.
[[nodiscard]] bool is_needed(const wire::Permission& permission, const wire::Operation& operation,
                             const void* input);

// The ARNs that the permission is needed on. {"*"} where no alternative is complete; nothing where
// its path runs over a list or map that is empty.
[[nodiscard]] std::vector<std::string> resources_of(const wire::Permission& permission,
                                                    const wire::Operation& operation,
                                                    const Caller& caller, const void* input);

// What an element of a permission's `items` needs it on.
struct ItemResource {
  std::size_t index = 0;  // of the element in its list
  std::string resource;
};

// Of every element that needs the permission, in the order of the list.
[[nodiscard]] std::vector<ItemResource> item_resources_of(const wire::Permission& permission,
                                                          const wire::Operation& operation,
                                                          const Caller& caller, const void* input);

// The first of them, of the first permission that is needed: for logs and messages.
[[nodiscard]] std::string resource_of(const wire::Operation& operation, const Caller& caller,
                                      const void* input);

// The texts of the members at `path`; numbers, booleans and times as text.
[[nodiscard]] std::vector<std::string> values_at(const wire::Operation& operation,
                                                 const void* input, std::string_view path);

// The value of the tag `name` (in lower case) in the tags at `path`: a map, or a list of Key and
// Value. Nothing where it is not there.
[[nodiscard]] std::vector<std::string> tag_at(const wire::Operation& operation, const void* input,
                                              std::string_view path, std::string_view name);

}  // namespace tarn::iam
