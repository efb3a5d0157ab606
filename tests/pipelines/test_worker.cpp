// SPDX-License-Identifier: LGPL-2.1-or-later
// The worker process over its socket.
#include <map>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pipelines/wire.h"
#include "pipelines/workshop.h"
#include "tests/pipelines/track_times.h"

using namespace butaca;
using namespace butaca::pipelines;
using namespace butaca::pipelines::test;

namespace {

constexpr const char *avc = "video/x-h264, stream-format=(string)avc, alignment=(string)au";

std::string id_text(std::uint64_t id)
{
    std::string text;
    for (int shift = 56; shift >= 0; shift -= 8)
        text += static_cast<char>(id >> shift & 0xff);
    return text;
}

// A worker of our own, killed when the test is over.
class Worker {
public:
    explicit Worker(bool allow_files = true)
    {
        int pair[2];
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
            return;
        const std::string program = std::string(g_getenv("BUTACA_BUILD_ROOT")) + "/pipelines/butaca-worker";
        pid_ = fork();
        if (pid_ == 0) {
            fcntl(pair[1], F_SETFD, 0);
            execl(program.c_str(), "butaca-worker", "--socket", std::to_string(pair[1]).c_str(),
                  allow_files ? "--allow-files" : nullptr, nullptr);
            _exit(127);
        }
        close(pair[1]);
        fd_ = pair[0];
    }
    ~Worker()
    {
        hang_up();
        if (pid_ > 0) {
            kill(pid_, SIGKILL);
            waitpid(pid_, nullptr, 0);
        }
    }
    Worker(const Worker &) = delete;
    Worker &operator=(const Worker &) = delete;

    void send(FrameType type, const std::string &payload)
    {
        const auto frame = encode_frame(type, payload);
        EXPECT_EQ(write(fd_, frame.data(), frame.size()), static_cast<ssize_t>(frame.size()));
    }
    Frame next()
    {
        for (;;) {
            if (auto frame = reader_.next())
                return *frame;
            char bytes[65536];
            const ssize_t count = read(fd_, bytes, sizeof bytes);
            if (count <= 0)
                return {FrameType::cancel, ""};
            reader_.feed({bytes, static_cast<std::size_t>(count)});
        }
    }
    // All frames until the next end, which is parsed.
    json::Value until_end(std::map<char, std::string> *seen = nullptr)
    {
        for (;;) {
            const auto frame = next();
            if (frame.type == FrameType::end)
                return json::Value::parse(frame.payload).value_or(json::Value());
            if (frame.type == FrameType::cancel)
                return {};
            if (seen && frame.type != FrameType::alive)
                (*seen)[static_cast<char>(frame.type)] += frame.payload.substr(8);
        }
    }
    void hang_up()
    {
        if (fd_ >= 0)
            close(std::exchange(fd_, -1));
    }
    int wait_for_exit()
    {
        int status = 0;
        waitpid(std::exchange(pid_, -1), &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
    long count(const char *what) const // "Threads:" or "VmRSS:", of /proc/PID/status
    {
        std::string text;
        Owned<GError> error;
        char *content = nullptr;
        g_file_get_contents(("/proc/" + std::to_string(pid_) + "/status").c_str(), &content, nullptr,
                            nullptr);
        const auto owned = adopt(content);
        text = content ? content : "";
        const auto at = text.find(what);
        return at == std::string::npos ? -1 : strtol(text.c_str() + at + strlen(what), nullptr, 10);
    }

private:
    int fd_ = -1;
    pid_t pid_ = -1;
    FrameReader reader_;
};

std::vector<Job> film_jobs()
{
    const auto path = media_file("sintel-trailer-720p.mp4");
    return path.empty() ? std::vector<Job>()
                        : video_jobs(file_origin(path, "qtdemux", "video_0", avc), 24, 1, 48);
}

} // namespace

TEST(Worker, SaysHelloWithItsEncodersAndEndsWithItsSocket)
{
    Worker worker;
    const auto hello = worker.next();
    EXPECT_EQ(hello.type, FrameType::hello);
    auto value = json::Value::parse(hello.payload);
    ASSERT_TRUE(value);
    EXPECT_NE((*value)["encoders"]["h264"].string_or(""), "");
    EXPECT_NE((*value)["encoders"]["aac"].string_or(""), "");
    worker.hang_up();
    EXPECT_EQ(worker.wait_for_exit(), 0);
}

TEST(Worker, MakesWhatAWorkshopMakes)
{
    auto jobs = film_jobs();
    if (jobs.empty())
        GTEST_SKIP() << "BUTACA_MEDIA is not there";
    jobs[7].id = 77;
    Worker worker;
    worker.next();
    worker.send(FrameType::job, job_to_json(jobs[7]));
    std::map<char, std::string> seen;
    const auto end = worker.until_end(&seen);
    EXPECT_TRUE(end["ok"].boolean_or(false));
    EXPECT_EQ(end["id"].integer_or(0), 77);
    EXPECT_GT(end["cpu_ns"].integer_or(0), 0);

    std::string init;
    std::string media;
    const SegmentOutput output{[&](std::string_view bytes) { init += bytes; },
                               [&](std::string_view bytes) { media += bytes; }};
    Activity activity;
    activity.begin();
    Workshop workshop(activity, true);
    ASSERT_TRUE(workshop.make(jobs[7], output));
    EXPECT_TRUE(seen['I'] == init);
    EXPECT_TRUE(seen['D'] == media);
}

TEST(Worker, CancelsWhatRunsAndWhatWaits)
{
    auto jobs = film_jobs();
    if (jobs.empty())
        GTEST_SKIP() << "BUTACA_MEDIA is not there";
    Worker worker;
    worker.next();
    for (std::uint64_t id : {1U, 2U, 3U}) {
        jobs[12].id = id;
        worker.send(FrameType::job, job_to_json(jobs[12]));
    }
    // The third one is one too many.
    auto refused = worker.until_end();
    EXPECT_EQ(refused["id"].integer_or(0), 3);
    EXPECT_EQ(refused["code"].string_or(""), "unavailable");
    worker.send(FrameType::cancel, id_text(2));
    EXPECT_EQ(worker.until_end()["code"].string_or(""), "cancelled");
    worker.send(FrameType::cancel, id_text(1));
    const auto first = worker.until_end();
    EXPECT_EQ(first["id"].integer_or(0), 1);
    // It may have been done just before.
    EXPECT_TRUE(first["ok"].boolean_or(false) || first["code"].string_or("") == "cancelled");
    jobs[7].id = 4;
    worker.send(FrameType::job, job_to_json(jobs[7]));
    EXPECT_TRUE(worker.until_end()["ok"].boolean_or(false));
}

TEST(Worker, AnswersNonsenseAndLeavesWhenTheFramesAreBroken)
{
    Worker worker(false);
    worker.next();
    worker.send(FrameType::job, "{[");
    EXPECT_EQ(worker.until_end()["code"].string_or(""), "invalid_argument");
    worker.send(FrameType::job, R"({"id": 9})");
    const auto end = worker.until_end();
    EXPECT_EQ(end["id"].integer_or(0), 9);
    EXPECT_EQ(end["code"].string_or(""), "invalid_argument");
    Job job;
    job.origin = file_origin("/etc/passwd", "qtdemux", "video_0", avc);
    job.video.timescale = 24;
    job.video.ticks = {0, 1};
    job.video.pts_ns = {0};
    job.video.width = job.video.height = 64;
    worker.send(FrameType::job, job_to_json(job));
    EXPECT_EQ(worker.until_end()["code"].string_or(""), "forbidden");
    worker.send(static_cast<FrameType>('?'), "");
    EXPECT_EQ(worker.wait_for_exit(), 2);
}

TEST(Worker, DoesNotGrowOverManyJobs)
{
    auto jobs = film_jobs();
    if (jobs.empty())
        GTEST_SKIP() << "BUTACA_MEDIA is not there";
    Worker worker;
    worker.next();
    long threads = 0;
    long memory_kib = 0;
    for (std::size_t i = 0; i < 100; ++i) {
        Job job = jobs[i * 7 % 4]; // the trailer's quiet beginning: short work, many seeks
        job.id = i;
        job.video.ticks.resize(5);
        job.video.pts_ns.resize(4);
        worker.send(FrameType::job, job_to_json(job));
        EXPECT_TRUE(worker.until_end()["ok"].boolean_or(false));
        if (i == 20) {
            threads = worker.count("Threads:");
            memory_kib = worker.count("VmRSS:");
        }
    }
    // PR_SET_DUMPABLE hides its /proc from us unless we are root; then there is nothing to compare.
    if (memory_kib <= 0)
        GTEST_SKIP() << "the worker's memory cannot be seen";
    EXPECT_LE(worker.count("Threads:"), threads + 2);
#ifndef __SANITIZE_ADDRESS__ // the sanitizer keeps what was freed, up to a quarter of a gigabyte
    EXPECT_LT(worker.count("VmRSS:"), memory_kib + 20'000);
#endif
}

int main(int argc, char **argv)
{
    gst_init(&argc, &argv);
    testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
