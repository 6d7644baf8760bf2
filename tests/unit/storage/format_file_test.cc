#include "storage/format_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "temp_dir.h"

namespace kalamdb::storage {
namespace {

void Overwrite(const std::string& directory, std::string_view text) {
  std::ofstream(directory + "/FORMAT", std::ios::binary | std::ios::trunc) << text;
}

TEST(FormatFile, IsMadeOnFirstStartAndAcceptedLater) {
  const TempDir dir;
  const std::string data = dir.path() + "/not/yet";
  ASSERT_TRUE(CheckOrCreateFormat(data, 8).ok());
  EXPECT_TRUE(std::filesystem::exists(data + "/FORMAT"));
  EXPECT_FALSE(std::filesystem::exists(data + "/FORMAT.tmp"));
  EXPECT_TRUE(CheckOrCreateFormat(data, 8).ok());
}

TEST(FormatFile, AnotherNumberOfShardsIsRefused) {
  const TempDir dir;
  ASSERT_TRUE(CheckOrCreateFormat(dir.path(), 8).ok());
  const Status status = CheckOrCreateFormat(dir.path(), 4);
  EXPECT_EQ(status.code(), ErrorCode::kInvalidOperation);
  EXPECT_NE(status.message().find("user_shards 8"), std::string_view::npos) << status.message();
}

TEST(FormatFile, WhatItDoesNotKnowIsRefused) {
  const TempDir dir;
  for (const char* text :
       {"", "kalamdb-data\nformat 2\nuser_shards 8\nhash fnv1a64\n",
        "kalamdb-data\nformat 1\nuser_shards 8\nhash murmur\n", "\x01\x02\n\n"}) {
    Overwrite(dir.path(), text);
    EXPECT_EQ(CheckOrCreateFormat(dir.path(), 8).code(), ErrorCode::kInvalidOperation) << text;
  }
}

TEST(FormatFile, AStoreWithoutItIsNotOurs) {
  const TempDir dir;
  std::filesystem::create_directory(dir.path() + "/rocksdb");
  EXPECT_EQ(CheckOrCreateFormat(dir.path(), 8).code(), ErrorCode::kInvalidOperation);
  EXPECT_FALSE(std::filesystem::exists(dir.path() + "/FORMAT"));
}

TEST(FormatFile, ADirectoryThatCannotBeMadeIsAStorageError) {
  const TempDir dir;
  std::ofstream(dir.path() + "/file") << "x";
  EXPECT_EQ(CheckOrCreateFormat(dir.path() + "/file", 8).code(), ErrorCode::kStorage);
}

}  // namespace
}  // namespace kalamdb::storage
