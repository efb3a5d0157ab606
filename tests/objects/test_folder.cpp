// SPDX-License-Identifier: LGPL-2.1-or-later
#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "src/objects/folder.h"
#include "tests/base/temporary_directory.h"

namespace butaca::objects {

namespace {

namespace fs = std::filesystem;

class FolderStoreTest : public ::testing::Test {
protected:
    std::unique_ptr<FolderStore> open_store(std::uint64_t quota_bytes = 1 << 20)
    {
        auto store = FolderStore::start(folder.at("objects"), quota_bytes);
        EXPECT_TRUE(store);
        (*store)->scan();
        return std::move(*store);
    }
    static std::string read(FolderStore &store, const std::string &key)
    {
        auto object = store.open(key);
        if (!object)
            return "(" + std::string(to_string(object.error().code)) + ")";
        std::string bytes(object->size_bytes, 0);
        EXPECT_EQ(::pread(object->fd.get(), bytes.data(), bytes.size(), 0),
                  static_cast<ssize_t>(bytes.size()));
        return bytes;
    }
    std::vector<fs::path> files() const
    {
        std::vector<fs::path> all;
        for (const auto &entry : fs::recursive_directory_iterator(folder.at("objects")))
            if (entry.is_regular_file())
                all.push_back(entry.path());
        return all;
    }
    test::TemporaryDirectory folder;
};

TEST_F(FolderStoreTest, GivesBackWhatWasPut)
{
    auto store = open_store();
    ASSERT_TRUE(store->put("film/1", "the bytes", 5));
    EXPECT_EQ(read(*store, "film/1"), "the bytes");
    EXPECT_EQ(store->size_bytes("film/1"), 9U);
    EXPECT_EQ(store->used_bytes(), 4096U);
    EXPECT_EQ(read(*store, "film/2"), "(not_found)");
    ASSERT_TRUE(store->put("film/1", "other bytes", 5));
    EXPECT_EQ(read(*store, "film/1"), "the bytes") << "an object never changes";
    store->remove("film/1");
    EXPECT_EQ(read(*store, "film/1"), "(not_found)");
    EXPECT_EQ(store->used_bytes(), 0U);
    EXPECT_TRUE(files().empty());
}

TEST_F(FolderStoreTest, SurvivesARestartInTheOrderOfUse)
{
    ASSERT_TRUE(open_store()->put("a", std::string(4096, 'a'), 0));
    ASSERT_TRUE(open_store()->put("b", std::string(4096, 'b'), 0));
    EXPECT_EQ(read(*open_store(), "a")[0], 'a');
    auto store = open_store(2 * 4096);
    EXPECT_EQ(store->used_bytes(), 2U * 4096);
    ASSERT_TRUE(store->put("c", std::string(4096, 'c'), 0));
    EXPECT_EQ(store->size_bytes("b"), 0U);
    EXPECT_EQ(store->size_bytes("a"), 4096U);
}

TEST_F(FolderStoreTest, MakesRoomWhenTheQuotaHasShrunk)
{
    {
        auto store = open_store();
        for (int i = 0; i < 10; ++i)
            ASSERT_TRUE(store->put(std::to_string(i), std::string(4000, 'x'), 0));
    }
    auto store = open_store(3 * 4096);
    EXPECT_EQ(store->used_bytes(), 3U * 4096);
    EXPECT_EQ(files().size(), 3U);
}

TEST_F(FolderStoreTest, RemovesTornFilesAndServesNoneOfThem)
{
    ASSERT_TRUE(open_store()->put("a", "whole", 0));
    fs::path whole = files().at(0);
    std::ofstream(whole.string() + ".Xy12ab") << "to";
    std::ofstream(whole.parent_path() / "b.100.0") << "too short";
    auto early = FolderStore::start(folder.at("objects"), 1 << 20);
    EXPECT_EQ(read(**early, "a"), "whole") << "before the scan as well";
    auto store = open_store();
    EXPECT_EQ(files(), std::vector<fs::path>{whole});
    EXPECT_EQ(read(*store, "a"), "whole");
}

TEST_F(FolderStoreTest, NoticesDamageBehindItsBack)
{
    auto store = open_store();
    ASSERT_TRUE(store->put("a", "whole", 0));
    ASSERT_TRUE(store->put("b", "whole", 0));
    ASSERT_TRUE(store->put("c", "whole", 0));
    for (const fs::path &file : files()) {
        char key = file.filename().string()[0];
        if (key == 'a')
            fs::resize_file(file, 2);
        else if (key == 'b')
            fs::remove(file);
    }
    EXPECT_EQ(read(*store, "a"), "(not_found)");
    EXPECT_EQ(read(*store, "b"), "(not_found)");
    EXPECT_EQ(store->used_bytes(), 4096U);
    ASSERT_TRUE(store->put("a", "again", 0));
    EXPECT_EQ(read(*store, "a"), "again");
}

TEST_F(FolderStoreTest, RefusesWhatCannotFit)
{
    auto store = open_store(8192);
    auto large = store->put("a", std::string(8193, 'x'), 0);
    ASSERT_FALSE(large);
    EXPECT_EQ(large.error().code, ErrorCode::too_large);
    EXPECT_EQ(store->put("", "x", 0).error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(store->used_bytes(), 0U);
}

TEST_F(FolderStoreTest, TakesNothingBeforeTheScan)
{
    auto store = FolderStore::start(folder.at("objects"), 8192);
    EXPECT_EQ((*store)->put("a", "x", 0).error().code, ErrorCode::unavailable);
}

TEST_F(FolderStoreTest, GivesItsRoomBackWhenWritingFails)
{
    auto store = open_store();
    std::ofstream(folder.at("objects/" + folder_name("a"))) << "in the way";
    EXPECT_FALSE(store->put("a", "x", 0));
    EXPECT_EQ(store->used_bytes(), 0U);
    fs::remove(folder.at("objects/" + folder_name("a")));
    EXPECT_TRUE(store->put("a", "x", 0));
}

TEST_F(FolderStoreTest, NeverHoldsMoreThanItsQuotaWithManyWriters)
{
    constexpr std::uint64_t quota_bytes = 20 * 4096;
    auto store = open_store(quota_bytes);
    std::atomic<bool> writing{true};
    std::uint64_t most_bytes = 0;
    std::thread watcher([&] {
        while (writing) {
            std::uint64_t sum = 0;
            std::error_code error;
            for (fs::recursive_directory_iterator entry(folder.at("objects"), error), end;
                 !error && entry != end; entry.increment(error)) {
                std::error_code gone;
                std::uint64_t size = entry->is_regular_file(gone) ? entry->file_size(gone) : 0;
                sum += gone ? 0 : size;
            }
            most_bytes = std::max(most_bytes, sum);
        }
    });
    std::vector<std::thread> writers;
    for (int writer = 0; writer < 4; ++writer)
        writers.emplace_back([&, writer] {
            for (int i = 0; i < 100; ++i) {
                (void)store->put(std::to_string(writer) + "/" + std::to_string(i), std::string(9000, 'x'), 1);
                EXPECT_LE(store->used_bytes(), quota_bytes);
            }
        });
    for (std::thread &writer : writers)
        writer.join();
    writing = false;
    watcher.join();
    EXPECT_LE(store->used_bytes(), quota_bytes);
    EXPECT_GT(store->used_bytes(), quota_bytes / 2);
    EXPECT_EQ(files().size(), store->used_bytes() / (3 * 4096));
}

} // namespace

} // namespace butaca::objects
