// SPDX-License-Identifier: LGPL-2.1-or-later
// `butaca check`: options, a loop, progress on a terminal, the report.
#include "client/check/command.h"

#include <cstdio>

#include <unistd.h>

#include "client/check/checker.h"
#include "client/check/options.h"
#include "client/check/report.h"
#include "client/words.h"

namespace butaca::client::check {

namespace {

constexpr int fine = 0;
constexpr int broken = 1;
constexpr int not_checked = 2;

void show_progress(std::size_t done, std::size_t wanted)
{
    std::fprintf(stderr, "\r%s\x1b[K",
                 say(Word::checking, {std::to_string(done), std::to_string(wanted)}).c_str());
    if (done == wanted)
        std::fputs("\r\x1b[K", stderr);
}

int run(CheckOptions options)
{
    const std::string url = options.settings.url;
    const auto loop = adopt(g_main_loop_new(nullptr, FALSE));
    Checker checker(std::move(options.settings));
    Status ended;
    std::function<void(std::size_t, std::size_t)> progress;
    if (!options.json && isatty(STDERR_FILENO) != 0)
        progress = show_progress;
    checker.start(progress, [&](Status status) {
        ended = std::move(status);
        g_main_loop_quit(loop.get());
    });
    g_main_loop_run(loop.get());
    if (!ended) {
        std::fprintf(stderr, "%s\n", say(Word::not_checked, {url, ended.error().message}).c_str());
        return not_checked;
    }
    const Language language = spoken_language();
    const std::string report =
        options.json ? report_json(url, checker.presentation(), checker.findings(), language) + "\n"
                     : report_text(checker.findings(), language);
    std::fputs(report.c_str(), stdout);
    return checker.findings().has(Severity::must) ? broken : fine;
}

} // namespace

int check_command(std::span<const char *const> arguments)
{
    auto options = parse_check(arguments);
    if (!options) {
        std::fprintf(stderr, "%s\n", options.error().message.c_str());
        return not_checked;
    }
    if (options->help) {
        std::fputs(say(Word::check_help).c_str(), stdout);
        return fine;
    }
    if (options->rules) {
        std::fputs(rules_in_markdown(spoken_language()).c_str(), stdout);
        return fine;
    }
    return run(std::move(*options));
}

} // namespace butaca::client::check
