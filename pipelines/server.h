// SPDX-License-Identifier: LGPL-2.1-or-later
// The worker's side of the socket to AppS: takes jobs, does one at a time on a thread of its own, and sends
// back what they make. The main thread reads the socket and watches over the other one.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "pipelines/activity.h"
#include "pipelines/job.h"
#include "pipelines/making.h"
#include "pipelines/wire.h"
#include "pipelines/workshop.h"

namespace butaca::pipelines {

// What hello says: a JSON object {"version", "encoders": {codec: "element version"}}. Equal words, equal
// bytes.
std::string hello_json();

class Server {
public:
    // `fd`: a connected stream socket; not owned.
    Server(int fd, bool allow_files) : fd_(fd), allow_files_(allow_files) {}

    // Serves until the socket closes, then ends the process: nothing that a worker holds outlives its parent.
    // Exit codes: 0 the socket closed, 2 the peer does not speak our language, 3 a job could not be stopped.
    [[noreturn]] void run();

private:
    void work();
    void do_job(const Job &job);
    bool read_socket();
    void handle(const Frame &frame);
    void take_job(std::string_view payload);
    void cancel(std::string_view payload);

    // Thread-safe; blocks while the socket is full.
    void send(FrameType type, std::string_view payload);
    void send_data(FrameType type, std::uint64_t id, std::string_view bytes);
    void send_end(std::uint64_t id, const Result<MakingNotes> &notes, std::int64_t cpu_ns);

    int fd_;
    bool allow_files_;
    FrameReader reader_;
    Activity activity_;
    Workshop workshop_{activity_, allow_files_}; // the working thread's

    std::mutex sending_; // guards writes to the socket: frames do not mix

    std::mutex mutex_; // guards the two below
    std::condition_variable changed_;
    std::deque<Job> waiting_; // with the running one never more than two
    std::optional<std::uint64_t> running_;
};

} // namespace butaca::pipelines
