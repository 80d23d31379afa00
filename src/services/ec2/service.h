// Ec2Service: the API of Amazon EC2, as far as networks and key pairs go.
//
// Place: services/ec2; src/tarn makes one. Handlers by noun, in *_actions.cc. Threads: control
// plane; its handlers run on the control strand, changes are written on the blocking pool.
#pragma once

#include <span>

#include "gateway/service.h"
#include "platform/platform.h"
#include "services/ec2/network.h"
#include "store/store.h"

namespace tarn::ec2 {

// What the handlers work on.
struct Ec2 {
  platform::Platform platform;
  Network network;
};

class Ec2Service final : public gateway::Service {
 public:
  // The store lives on.
  Ec2Service(platform::Platform platform, store::Store& store) : ec2_{platform, Network(store)} {}

  // Reads what there is. Blocks. Errors: kIo, kCorrupt.
  [[nodiscard]] Status load() { return ec2_.network.load(); }

  [[nodiscard]] const wire::ServiceModel& model() const override;
  [[nodiscard]] std::span<const gateway::Action> actions() const override;
  [[nodiscard]] void* room() override { return &ec2_; }

  // For who asks whether something is there.
  [[nodiscard]] const Network& network() const { return ec2_.network; }

 private:
  Ec2 ec2_;
};

}  // namespace tarn::ec2
