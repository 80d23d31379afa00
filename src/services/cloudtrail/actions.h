// The handlers of every action, so that service.cc can list them.
//
// Place: services/cloudtrail. Threads: as service.h says. Errors of each: those that the model and
// the overlay declare.
#pragma once

#include "services/cloudtrail/api.h"
#include "services/cloudtrail/service.h"

namespace tarn::cloudtrail {

// lookup_actions.cc
Task<Result<LookupEventsResponse>> handle(LookupEvents, CloudTrailService&, const Caller&,
                                          LookupEventsRequest);

}  // namespace tarn::cloudtrail
