// The handlers of every action, so that service.cc can list them. Each .cc names the actions it
// holds.
//
// Place: services/logs. Threads: as service.h says. Errors of each: those that the model and the
// overlay declare.
#pragma once

#include "services/logs/api.h"
#include "services/logs/service.h"

namespace tarn::logs {

// group_actions.cc
Task<Result<wire::Unit>> handle(CreateLogGroup, LogsService&, const Caller&, CreateLogGroupRequest);
Task<Result<wire::Unit>> handle(DeleteLogGroup, LogsService&, const Caller&, DeleteLogGroupRequest);
Task<Result<DescribeLogGroupsResponse>> handle(DescribeLogGroups, LogsService&, const Caller&,
                                               DescribeLogGroupsRequest);
Task<Result<wire::Unit>> handle(PutLogGroupDeletionProtection, LogsService&, const Caller&,
                                PutLogGroupDeletionProtectionRequest);
Task<Result<wire::Unit>> handle(PutRetentionPolicy, LogsService&, const Caller&,
                                PutRetentionPolicyRequest);
Task<Result<wire::Unit>> handle(DeleteRetentionPolicy, LogsService&, const Caller&,
                                DeleteRetentionPolicyRequest);

// stream_actions.cc
Task<Result<wire::Unit>> handle(CreateLogStream, LogsService&, const Caller&,
                                CreateLogStreamRequest);
Task<Result<wire::Unit>> handle(DeleteLogStream, LogsService&, const Caller&,
                                DeleteLogStreamRequest);
Task<Result<DescribeLogStreamsResponse>> handle(DescribeLogStreams, LogsService&, const Caller&,
                                                DescribeLogStreamsRequest);

// event_actions.cc
Task<Result<PutLogEventsResponse>> handle(PutLogEvents, LogsService&, const Caller&,
                                          PutLogEventsRequest);
Task<Result<GetLogEventsResponse>> handle(GetLogEvents, LogsService&, const Caller&,
                                          GetLogEventsRequest);
Task<Result<FilterLogEventsResponse>> handle(FilterLogEvents, LogsService&, const Caller&,
                                             FilterLogEventsRequest);

// tag_actions.cc
Task<Result<wire::Unit>> handle(TagResource, LogsService&, const Caller&, TagResourceRequest);
Task<Result<wire::Unit>> handle(UntagResource, LogsService&, const Caller&, UntagResourceRequest);
Task<Result<ListTagsForResourceResponse>> handle(ListTagsForResource, LogsService&, const Caller&,
                                                 ListTagsForResourceRequest);
Task<Result<wire::Unit>> handle(TagLogGroup, LogsService&, const Caller&, TagLogGroupRequest);
Task<Result<wire::Unit>> handle(UntagLogGroup, LogsService&, const Caller&, UntagLogGroupRequest);
Task<Result<ListTagsLogGroupResponse>> handle(ListTagsLogGroup, LogsService&, const Caller&,
                                              ListTagsLogGroupRequest);

}  // namespace tarn::logs
