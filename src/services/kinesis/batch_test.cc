#include "services/kinesis/batch.h"

#include <gtest/gtest.h>

#include "services/kinesis/crc32c.h"

namespace tarn::kinesis {
namespace {

// RFC 3720, appendix B.4.
TEST(Crc32c, GivesTheValuesOfItsRfc) {
  EXPECT_EQ(crc32c("123456789"), 0xE3069283U);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAU);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62A8AB43U);
  EXPECT_EQ(crc32c(""), 0U);
}

TEST(Crc32c, GoesOnFromWhatCameBefore) {
  EXPECT_EQ(crc32c("456789", crc32c("123")), crc32c("123456789"));
}

TEST(BatchHeader, IsReadBackAndEveryBitCounts) {
  BatchHeader header;
  header.payload_crc = 1;
  header.payload_bytes = 2;
  header.first = 3;
  header.arrived_ms = 4;
  header.records = 5;
  header.commit_offset = 6;
  const auto bytes = header.encode();
  const auto read = BatchHeader::decode({bytes.data(), bytes.size()});
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->end(), 8U);
  EXPECT_EQ(read->commit_offset, 6U);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    auto spoiled = bytes;
    spoiled[bit / 8] = static_cast<char>(spoiled[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(BatchHeader::decode({spoiled.data(), spoiled.size()}).has_value()) << bit;
  }
  EXPECT_FALSE(BatchHeader::decode({bytes.data(), bytes.size() - 1}).has_value());
}

TEST(RecordPack, BeginsAPieceBeforeItGrowsTooLong) {
  RecordPack pack;
  for (int i = 0; i < 10; ++i) pack.add("k", std::string(100'000, 'x'));
  EXPECT_EQ(pack.records(), 10U);
  EXPECT_EQ(pack.pieces().size(), 5U);
  for (const auto& piece : pack.pieces()) EXPECT_LE(piece.bytes.size(), kBatchBytes);
}

TEST(PayloadReader, StopsAtWhatIsNoWholeRecord) {
  RecordPack pack;
  pack.add("key", "data");
  const std::string payload = pack.pieces()[0].bytes;
  PayloadReader whole(payload);
  EXPECT_EQ(whole.next()->data, "data");
  EXPECT_TRUE(whole.done());
  for (std::size_t cut = 1; cut < payload.size(); ++cut) {
    PayloadReader reader(std::string_view(payload).substr(0, cut));
    EXPECT_FALSE(reader.next().has_value()) << cut;
  }
}

}  // namespace
}  // namespace tarn::kinesis
