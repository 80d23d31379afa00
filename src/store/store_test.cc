// The metadata store on a real disk.
#include "store/store.h"

#include <filesystem>

#include <unistd.h>

#include <gtest/gtest.h>
#include <rocksdb/db.h>

namespace tarn::store {
namespace {

class StoreTest : public testing::Test {
 protected:
  StoreTest()
      : directory_(std::filesystem::temp_directory_path() /
                   ("tarn-store-test-" + std::to_string(::getpid()))) {
    std::filesystem::remove_all(directory_);
  }
  ~StoreTest() override { std::filesystem::remove_all(directory_); }

  std::unique_ptr<Store> open() { return std::move(open_store(directory_.string())).value(); }

  std::filesystem::path directory_;
};

TEST_F(StoreTest, SpacesAreApartAndOutliveTheProgram) {
  {
    const auto store = open();
    Batch batch;
    for (int space = 0; space < static_cast<int>(Space::kCount); ++space)
      batch.put(static_cast<Space>(space), "key", std::to_string(space));
    ASSERT_TRUE(store->commit(batch).ok());
  }
  const auto store = open();
  for (int space = 0; space < static_cast<int>(Space::kCount); ++space)
    EXPECT_EQ(store->get(static_cast<Space>(space), "key").value(), std::to_string(space));
}

// As docs/formats/store.md says of a new program.
TEST_F(StoreTest, AnOldStoreIsGivenTheSpacesThatItHasNot) {
  {
    rocksdb::Options options;
    options.create_if_missing = true;
    rocksdb::DB* db = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(options, directory_.string(), &db).ok());
    const std::unique_ptr<rocksdb::DB> owned(db);
    rocksdb::ColumnFamilyHandle* iam = nullptr;
    ASSERT_TRUE(db->CreateColumnFamily(options, "iam", &iam).ok());
    ASSERT_TRUE(db->Put({}, iam, "key", "old").ok());
    db->DestroyColumnFamilyHandle(iam);
  }
  for (int start = 0; start < 2; ++start) {
    const auto store = open();
    EXPECT_EQ(store->get(Space::kIam, "key").value(), "old");
    EXPECT_EQ(store->get(Space::kSsm, "key").value().has_value(), start == 1);
    Batch batch;
    batch.put(Space::kSsm, "key", "new");
    ASSERT_TRUE(store->commit(batch).ok());
  }
}

TEST_F(StoreTest, AFileInItsPlaceIsAnError) {
  std::filesystem::copy_file("/proc/self/comm", directory_);
  EXPECT_FALSE(open_store(directory_.string()).ok());
}

}  // namespace
}  // namespace tarn::store
