// Session: the terms under which temporary keys were given out.
//
// Place: services/iam; a Credential and a Caller point to it. Threads: immutable.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace tarn::iam {

namespace policy {
class Document;
}

struct Session {
  // Session policies, each of which must allow what the keys are used for; a session that was made
  // with the keys of another keeps the other's too.
  std::vector<std::shared_ptr<const policy::Document>> policies;
  std::map<std::string, std::string> tags;  // session tags: aws:PrincipalTag/NAME
  std::string role_arn;                     // of a role's session: arn:aws:iam::…:role/PATH/ROLE
  std::string user_arn;  // of a federated user whom an IAM user made: that user's ARN
};

}  // namespace tarn::iam
