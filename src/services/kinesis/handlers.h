// The actions of Kinesis; each is documented under its name in spec/overlays/kinesis.json.
//
// Place: kinesis. Threads: as the overlay's plane says.
#pragma once

#include "gateway/service.h"
#include "services/kinesis/api.h"
#include "services/kinesis/service.h"

namespace tarn::kinesis {

template <class Op>
using Answer = Task<Result<typename Op::Output>>;

// stream_actions.cc
Answer<CreateStream> handle(CreateStream, KinesisService&, const Caller&, CreateStreamInput);
Answer<DeleteStream> handle(DeleteStream, KinesisService&, const Caller&, DeleteStreamInput);
Answer<DescribeStream> handle(DescribeStream, KinesisService&, const Caller&, DescribeStreamInput);
Answer<DescribeStreamSummary> handle(DescribeStreamSummary, KinesisService&, const Caller&,
                                     DescribeStreamSummaryInput);
Answer<ListStreams> handle(ListStreams, KinesisService&, const Caller&, ListStreamsInput);
Answer<DescribeLimits> handle(DescribeLimits, KinesisService&, const Caller&, DescribeLimitsInput);
Answer<IncreaseStreamRetentionPeriod> handle(IncreaseStreamRetentionPeriod, KinesisService&,
                                             const Caller&, IncreaseStreamRetentionPeriodInput);
Answer<DecreaseStreamRetentionPeriod> handle(DecreaseStreamRetentionPeriod, KinesisService&,
                                             const Caller&, DecreaseStreamRetentionPeriodInput);
Answer<UpdateMaxRecordSize> handle(UpdateMaxRecordSize, KinesisService&, const Caller&,
                                   UpdateMaxRecordSizeInput);
Answer<UpdateStreamMode> handle(UpdateStreamMode, KinesisService&, const Caller&,
                                UpdateStreamModeInput);

// shard_actions.cc
Answer<ListShards> handle(ListShards, KinesisService&, const Caller&, ListShardsInput);
Answer<SplitShard> handle(SplitShard, KinesisService&, const Caller&, SplitShardInput);
Answer<MergeShards> handle(MergeShards, KinesisService&, const Caller&, MergeShardsInput);
Answer<UpdateShardCount> handle(UpdateShardCount, KinesisService&, const Caller&,
                                UpdateShardCountInput);

// tag_actions.cc
Answer<AddTagsToStream> handle(AddTagsToStream, KinesisService&, const Caller&,
                               AddTagsToStreamInput);
Answer<ListTagsForStream> handle(ListTagsForStream, KinesisService&, const Caller&,
                                 ListTagsForStreamInput);
Answer<RemoveTagsFromStream> handle(RemoveTagsFromStream, KinesisService&, const Caller&,
                                    RemoveTagsFromStreamInput);
Answer<TagResource> handle(TagResource, KinesisService&, const Caller&, TagResourceInput);
Answer<ListTagsForResource> handle(ListTagsForResource, KinesisService&, const Caller&,
                                   ListTagsForResourceInput);
Answer<UntagResource> handle(UntagResource, KinesisService&, const Caller&, UntagResourceInput);

// consumer_actions.cc
Answer<RegisterStreamConsumer> handle(RegisterStreamConsumer, KinesisService&, const Caller&,
                                      RegisterStreamConsumerInput);
Answer<DeregisterStreamConsumer> handle(DeregisterStreamConsumer, KinesisService&, const Caller&,
                                        DeregisterStreamConsumerInput);
Answer<DescribeStreamConsumer> handle(DescribeStreamConsumer, KinesisService&, const Caller&,
                                      DescribeStreamConsumerInput);
Answer<ListStreamConsumers> handle(ListStreamConsumers, KinesisService&, const Caller&,
                                   ListStreamConsumersInput);
Answer<SubscribeToShard> handle(SubscribeToShard, KinesisService&, const Caller&,
                                SubscribeToShardInput);

// encryption_actions.cc
Answer<StartStreamEncryption> handle(StartStreamEncryption, KinesisService&, const Caller&,
                                     StartStreamEncryptionInput);
Answer<StopStreamEncryption> handle(StopStreamEncryption, KinesisService&, const Caller&,
                                    StopStreamEncryptionInput);

// policy_actions.cc
Answer<PutResourcePolicy> handle(PutResourcePolicy, KinesisService&, const Caller&,
                                 PutResourcePolicyInput);
Answer<GetResourcePolicy> handle(GetResourcePolicy, KinesisService&, const Caller&,
                                 GetResourcePolicyInput);
Answer<DeleteResourcePolicy> handle(DeleteResourcePolicy, KinesisService&, const Caller&,
                                    DeleteResourcePolicyInput);

// put_actions.cc
Answer<PutRecord> handle(PutRecord, KinesisService&, const Caller&, PutRecordInput);
Answer<PutRecords> handle(PutRecords, KinesisService&, const Caller&, PutRecordsInput);

// read_actions.cc
Answer<GetShardIterator> handle(GetShardIterator, KinesisService&, const Caller&,
                                GetShardIteratorInput);
Answer<GetRecords> handle(GetRecords, KinesisService&, const Caller&, GetRecordsInput);

}  // namespace tarn::kinesis
