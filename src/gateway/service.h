// Service and Action: how a room offers its API actions to the gateway.
//
// Place: gateway. A service's room (src/services/NAME) declares its actions once:
//
//     // service.cc
//     using Actions = AllActions<gateway::ActionList, Kinesis>;  // all that the overlay names
//     std::span<const gateway::Action> KinesisService::actions() const { return Actions::table; }
//
//     // stream.cc: one function per action, found by its tag
//     Task<Result<CreateStreamOutput>> handle(CreateStream, Kinesis& kinesis, const Caller& caller,
//     CreateStreamInput input);
//
// The tags, inputs, outputs and tables come from spec/codegen ("services/NAME/api.h" in the build
// tree's generated folder). Threads: handle() runs on the plane that the overlay names: a
// data-plane handler on any I/O thread at the same time as others, a control-plane handler on the
// control strand.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "wire/invocation.h"
#include "wire/schema.h"

namespace tarn::iam {
struct Session;
}

namespace tarn {

// Of a call about many things, one that the caller may not touch; the others go on.
struct RefusedItem {
  std::size_t index = 0;  // in the list of the input that the permission's `items` names
  Error error;            // AccessDenied
};

// Who calls, as established by the gateway's signature step.
struct Caller {
  // Kept in records of temporary keys: new kinds go to the end.
  enum class Kind : std::uint8_t {
    kAnonymous,
    kRoot,
    kUser,
    kAssumedRole,
    kService,
    kFederatedUser
  };

  Kind kind = Kind::kAnonymous;
  std::string account_id;     // 12 digits
  std::string arn;            // "arn:aws:iam::123456789012:root"
  std::string user_id;        // what GetCallerIdentity calls UserId
  std::string access_key_id;  // empty when anonymous
  std::string region;         // of the request: credential scope or host
  std::string request_id;
  std::string source_ip;
  std::string host;     // Host header, to build URLs the caller can reach
  bool secure = false;  // came by TLS
  // The service that makes the call for the caller, such as "cloudformation.amazonaws.com"; empty:
  // he makes it himself. It may set tags that begin with "aws:".
  std::string called_via;
  // Of temporary keys: the terms under which they were given out (services/iam/session.h).
  std::shared_ptr<const iam::Session> session;
  // A policy allows the call. False of an anonymous caller whom the service's own rules must allow.
  bool allowed_by_policy = true;
  std::vector<RefusedItem> refused_items;  // by their index
};

}  // namespace tarn

namespace tarn::gateway {

struct Action {
  const wire::Operation* operation;
  wire::AnyShape (*make_input)();
  Task<Result<wire::AnyShape>> (*invoke)(void* service, const Caller& caller, wire::AnyShape input);
};

template <class Room, class Op>
struct ActionOf {
  static wire::AnyShape make_input() {
    return wire::own_shape(std::make_unique<typename Op::Input>(), Op::operation().input);
  }
  static Task<Result<wire::AnyShape>> invoke(void* room, const Caller& caller,
                                             wire::AnyShape input) {
    return wire::Invocation::run(
        {handle(Op{}, *static_cast<Room*>(room), caller, std::move(input.as<typename Op::Input>())),
         Op::operation().output});
  }
};

// Room is the service's own class, the second argument of its handlers.
template <class Room, class... Ops>
struct ActionList {
  static std::span<const Action> table() {
    static const std::array<Action, sizeof...(Ops)> kTable = {Action{
        &Ops::operation(), &ActionOf<Room, Ops>::make_input, &ActionOf<Room, Ops>::invoke}...};
    return kTable;
  }
};

class Service {
 public:
  virtual ~Service() = default;
  [[nodiscard]] virtual const wire::ServiceModel& model() const = 0;
  [[nodiscard]] virtual std::span<const Action> actions() const = 0;
  // The object that handlers get as their second argument.
  [[nodiscard]] virtual void* room() = 0;
};

}  // namespace tarn::gateway
