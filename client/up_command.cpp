// SPDX-License-Identifier: LGPL-2.1-or-later
// What happens before anything is started: options, folders and ports are looked at, so that mistakes are
// told in words at once and not found in a log.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <thread>

#include <fcntl.h>
#include <netdb.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/places.h"
#include "client/up.h"
#include "client/words.h"
#include "src/base/files.h"

namespace butaca::client {

namespace fs = std::filesystem;

namespace {

// A bind that succeeds is undone at once; somebody else may still be faster, and then a log tells.
bool is_free(const std::string &address, std::uint16_t port)
{
    addrinfo wish{};
    wish.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
    wish.ai_socktype = SOCK_STREAM;
    addrinfo *found = nullptr;
    if (getaddrinfo(address.c_str(), std::to_string(port).c_str(), &wish, &found) != 0)
        return false;
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> release(found, freeaddrinfo);
    const Fd probe(socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int yes = 1;
    // As servers do: connections of an earlier run that linger are no obstacle.
    setsockopt(probe.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    return bind(probe.get(), found->ai_addr, found->ai_addrlen) == 0;
}

// Those whom an earlier `up` left behind when it was killed are on their way out: they get a moment.
bool becomes_free(const std::string &address, std::uint16_t port)
{
    constexpr unsigned attempts = 40;
    constexpr std::chrono::milliseconds pause{50};
    for (unsigned attempt = 0; attempt < attempts; attempt++) {
        if (is_free(address, port))
            return true;
        std::this_thread::sleep_for(pause);
    }
    return false;
}

Status check_ports(const UpOptions &options)
{
    const std::string local = "127.0.0.1";
    struct Wanted {
        const std::string &address;
        std::uint16_t port;
        const char *option;
    };
    for (const Wanted &wanted : {Wanted{options.address, options.port, "--port"},
                                 {options.address, options.rtsp_port, "--rtsp-port"},
                                 {local, options.vs_port, "--vs-port"},
                                 {local, options.as_port, "--as-port"}})
        if (!becomes_free(wanted.address, wanted.port))
            return fail(ErrorCode::conflict,
                        say(Word::port_taken, {std::to_string(wanted.port), wanted.option}));
    return {};
}

Status make_absolute(std::string &path, bool must_exist)
{
    std::error_code wrong;
    const fs::path absolute = fs::absolute(path, wrong).lexically_normal();
    if (wrong || (must_exist && !fs::is_directory(absolute, wrong)))
        return fail(ErrorCode::not_found, say(Word::no_folder, {path}));
    path = absolute.string();
    return {};
}

Status settle_folders(UpOptions &options)
{
    if (options.data.empty())
        options.data = default_data_folder();
    if (Status found = make_absolute(options.data, false); !found)
        return found;
    while (options.data.size() > 1 && options.data.ends_with('/'))
        options.data.pop_back();
    if (options.video.empty() && options.audio.empty()) {
        const auto video = find_demo("video");
        const auto audio = find_demo("audio");
        if (!video && !audio)
            return fail(ErrorCode::not_found, say(Word::no_demo));
        if (video)
            options.video.push_back(*video);
        if (audio)
            options.audio.push_back(*audio);
    }
    for (std::vector<std::string> *folders : {&options.video, &options.audio})
        for (std::string &folder : *folders)
            if (Status found = make_absolute(folder, true); !found)
                return found;
    if (options.config.empty() && access((options.data + "/butaca.conf").c_str(), R_OK) == 0)
        options.config = options.data + "/butaca.conf";
    return options.config.empty() ? Status() : make_absolute(options.config, false);
}

// Held as long as we run; the kernel lets go of it whatever way we end.
Result<Fd> lock_folder(const std::string &data)
{
    if (Status made = make_directories(data); !made)
        return fail(std::move(made).error());
    Fd lock(open((data + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!lock)
        return fail(ErrorCode::internal, say(Word::no_folder, {data}));
    if (flock(lock.get(), LOCK_EX | LOCK_NB) != 0)
        return fail(ErrorCode::conflict, say(Word::already_running, {data}));
    return lock;
}

Result<Programs> find_programs()
{
    Programs programs;
    for (auto [name, place] : {std::pair{"butaca-apps", &programs.apps},
                               {"butaca-worker", &programs.worker},
                               {"butaca-vs", &programs.vs},
                               {"butaca-as", &programs.as}}) {
        auto path = find_program(name);
        if (!path)
            return fail(ErrorCode::not_found, say(Word::no_program, {name}));
        *place = std::move(*path);
    }
    return programs;
}

int refuse(const Error &error, int status)
{
    fprintf(stderr, "%s\n", error.message.c_str());
    if (!error.detail.empty())
        fprintf(stderr, "(%s)\n", error.detail.c_str());
    return status;
}

} // namespace

int up_command(std::span<const char *const> arguments)
{
    auto options = parse_up(arguments);
    if (!options)
        return refuse(options.error(), 2);
    if (options->help) {
        fputs(say(Word::up_help).c_str(), stdout);
        return 0;
    }
    if (Status found = settle_folders(*options); !found)
        return refuse(found.error(), 1);
    auto programs = find_programs();
    if (!programs)
        return refuse(programs.error(), 1);
    // Before the ports, for those of a running Butaca are taken as well.
    auto lock = lock_folder(options->data);
    if (!lock)
        return refuse(lock.error(), 1);
    if (Status free = check_ports(*options); !free)
        return refuse(free.error(), 1);
    Up up(std::move(*options), std::move(*programs));
    Status done = up.run();
    return done ? 0 : refuse(done.error(), 1);
}

} // namespace butaca::client
