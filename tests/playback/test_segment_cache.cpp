// SPDX-License-Identifier: LGPL-2.1-or-later
// Segments outlive memory and restarts, but never their limits.
#include "src/playback/memory_cache.h"
#include "tests/playback/engine_bench.h"

namespace butaca::playback::test {

namespace {

std::shared_ptr<GBytes> bytes_of(std::size_t size)
{
    return {g_bytes_new_take(g_malloc0(size), size), g_bytes_unref};
}

TEST(MemoryCache, DropsTheLeastRecentlyUsedByBytes)
{
    MemoryCache cache(10000);
    cache.add({"a", 0}, bytes_of(3000));
    cache.add({"b", 0}, bytes_of(3000));
    EXPECT_TRUE(cache.find({"a", 0}));
    cache.add({"c", 0}, bytes_of(3000));
    EXPECT_TRUE(cache.find({"a", 0}));
    EXPECT_FALSE(cache.find({"b", 0}));
    EXPECT_TRUE(cache.find({"c", 0}));
    EXPECT_LE(cache.used_bytes(), 10000U);
}

TEST(MemoryCache, DoesNotKeepWhatIsOverItsLimitNorEmptyItselfForIt)
{
    MemoryCache cache(10000);
    cache.add({"a", 0}, bytes_of(3000));
    cache.add({"b", 0}, bytes_of(20000));
    EXPECT_TRUE(cache.find({"a", 0}));
    EXPECT_FALSE(cache.find({"b", 0}));
}

class DiskCache : public EngineBench {
protected:
    void make(const std::string &rendition, std::int64_t number)
    {
        Viewer viewer;
        viewer.ask(*service, source(rendition, "bytes=50000"), number);
        ASSERT_TRUE(turn_until([&] { return viewer.over(); }));
        ASSERT_TRUE(viewer.done);
    }
    bool written(std::uint64_t least)
    {
        return turn_until([&] { return service->counters().disk_bytes >= least; });
    }
    void restart()
    {
        service.reset();
        start();
    }
    std::uint64_t bytes_in_folder() const
    {
        std::uint64_t sum = 0;
        std::error_code ignored;
        for (std::filesystem::recursive_directory_iterator entry(folder.at("cache/segments"), ignored), end;
             entry != end; entry.increment(ignored))
            if (std::uint64_t size = entry->is_regular_file(ignored) ? entry->file_size(ignored) : 0;
                size != static_cast<std::uint64_t>(-1))
                sum += size;
        return sum;
    }
    std::string file_of_segment() const
    {
        for (const auto &entry : std::filesystem::recursive_directory_iterator(folder.at("cache/segments")))
            if (entry.is_regular_file())
                return entry.path().string();
        return "";
    }
};

TEST_F(DiskCache, ARestartFindsItsSegmentsAlsoWhenTheOriginIsDown)
{
    start();
    make("film", 3);
    ASSERT_TRUE(written(50000));
    restart();
    EXPECT_EQ(service->cached({"film", 3}), nullptr);
    auto film = source("film");
    film->origin_down = true;
    Viewer viewer;
    viewer.ask(*service, film, 3);
    ASSERT_TRUE(turn_until([&] { return viewer.over(); }));
    EXPECT_TRUE(viewer.bytes == segment_bytes("film", 3, 50000));
    EXPECT_EQ(service->counters().disk_hits, 1U);
    EXPECT_EQ(begun().size(), 1U);
    EXPECT_NE(service->cached({"film", 3}), nullptr);
}

TEST_F(DiskCache, KnowsSizesAfterARestart)
{
    start();
    make("film", 3);
    ASSERT_TRUE(written(50000));
    restart();
    EXPECT_TRUE(turn_until([&] { return service->known_size({"film", 3}) == 50000; }));
    EXPECT_EQ(service->known_size({"film", 4}), 0U);
}

TEST_F(DiskCache, ATruncatedFileIsNeverServed)
{
    for (bool known : {false, true}) {
        start();
        make("film", 3);
        ASSERT_TRUE(written(50000));
        service.reset();
        if (!known)
            std::filesystem::resize_file(file_of_segment(), 20000);
        start();
        if (known) { // cut behind its back
            ASSERT_TRUE(turn_until([&] { return service->known_size({"film", 3}) > 0; }));
            std::filesystem::resize_file(file_of_segment(), 20000);
        }
        Viewer viewer;
        viewer.ask(*service, source("film", "bytes=50000"), 3);
        ASSERT_TRUE(turn_until([&] { return viewer.over(); }));
        EXPECT_TRUE(viewer.bytes == segment_bytes("film", 3, 50000));
        EXPECT_EQ(service->counters().disk_hits, 0U);
        service.reset();
        std::filesystem::remove_all(folder.at("cache"));
    }
}

TEST_F(DiskCache, NeverHoldsMoreThanItsQuota)
{
    settings.disk_quota_bytes = 400000;
    start();
    std::uint64_t most = 0;
    for (int number = 0; number < 60; ++number) {
        make("film", number);
        most = std::max(most, bytes_in_folder());
    }
    ASSERT_TRUE(turn_until([&] {
        most = std::max(most, bytes_in_folder());
        return service->known_size({"film", 59}) > 0 && service->counters().disk_bytes > 300000;
    }));
    EXPECT_LE(most, 400000U);
    EXPECT_GT(most, 200000U);
    EXPECT_LE(service->counters().disk_bytes, 400000U);
}

TEST_F(DiskCache, PlaybackGoesOnWhenTheDiskTakesNothing)
{
    settings.disk_quota_bytes = 10; // less than any segment
    start();
    make("film", 0);
    make("film", 1);
    EXPECT_EQ(bytes_in_folder(), 0U);
    EXPECT_NE(service->cached({"film", 1}), nullptr);
}

TEST_F(DiskCache, ReadsOnceForManyWhoWait)
{
    start();
    make("film", 3);
    ASSERT_TRUE(written(50000));
    restart();
    std::vector<Viewer> viewers(5);
    for (Viewer &viewer : viewers)
        viewer.ask(*service, source("film"), 3);
    for (Viewer &viewer : viewers)
        ASSERT_TRUE(turn_until([&] { return viewer.done; }));
    EXPECT_EQ(service->counters().disk_hits, 1U);
}

TEST_F(DiskCache, RemembersWhatWorkCosts)
{
    settings.workers = 2;
    start();
    auto film = source("film", "cpu_ns=900000000000"); // 450 processors
    Viewer viewer;
    viewer.ask(*service, film, 0);
    ASSERT_TRUE(turn_until([&] { return viewer.done; }));
    auto other = source("other");
    EXPECT_TRUE(service->admit(*film)) << "it is under way already";
    EXPECT_FALSE(service->admit(*other));
    restart();
    EXPECT_TRUE(service->admit(*other)) << "a machine at rest takes what comes";
    Viewer again;
    again.ask(*service, film, 1);
    ASSERT_TRUE(turn_until([&] { return again.done; }));
    auto refused = service->admit(*other);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
    EXPECT_GE(refused.error().retry_after_s, 2U);
}

} // namespace

} // namespace butaca::playback::test
