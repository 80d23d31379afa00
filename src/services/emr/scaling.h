// Scaling: managed scaling, which moves the targets of groups and fleets between their limits as
// the work asks for.
//
// Place: services/emr, under life.h. Threads: the control strand.
// Source: https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-managed-scaling.html
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/result.h"
#include "services/emr/application_pages.h"
#include "services/emr/cluster.h"
#include "services/emr/instance_types.h"

namespace tarn::emr {

// Error: ValidationException (limits that no cluster of this kind can keep).
[[nodiscard]] Status check_scaling(const ClusterRecord& cluster,
                                   const ManagedScalingPolicy& policy);

class Scaler {
 public:
  // Between two looks at the work.
  static constexpr std::chrono::seconds kScalingPeriod{5};
  // A cluster that has more than it needs for so long gives it back.
  static constexpr std::chrono::seconds kSpareTime{60};

  // It is time to look; begins the next period.
  [[nodiscard]] bool is_due(std::chrono::nanoseconds now);
  // Moves the targets to what the tasks ask for, each a vCPU of an instance, within the limits;
  // nothing is given back while it is not known what all applications need. False: they stay.
  bool follow(const InstanceTypes& types, const Demand& demand, std::chrono::nanoseconds now,
              ClusterRecord& cluster);

 private:
  std::optional<std::chrono::nanoseconds> next_look_;
  std::optional<std::chrono::nanoseconds> spare_since_;
};

}  // namespace tarn::emr
