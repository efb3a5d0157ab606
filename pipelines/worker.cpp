// SPDX-License-Identifier: LGPL-2.1-or-later
// butaca-worker: makes segments. Told what to make over a socket by AppS, or one job from a file by a person:
//   butaca-worker --job job.json --output folder --allow-files
#include <string>

#include <gst/gst.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "pipelines/errand.h"
#include "pipelines/server.h"
#include "src/base/gobject.h"
#include "src/base/log.h"

namespace {

struct Options {
    int socket_fd = -1;
    bool allow_files = false;
    bool version = false;
    butaca::Owned<char> job;
    butaca::Owned<char> output;
};

bool parse(int argc, char **argv, Options &options)
{
    char *job = nullptr;
    char *output = nullptr;
    gboolean allow_files = FALSE;
    gboolean version = FALSE;
    const GOptionEntry entries[] = {
        {"socket", 0, 0, G_OPTION_ARG_INT, &options.socket_fd, "Serve jobs on this descriptor", "FD"},
        {"job", 0, 0, G_OPTION_ARG_FILENAME, &job, "Do the one job in this JSON file and end", "FILE"},
        {"output", 0, 0, G_OPTION_ARG_FILENAME, &output, "Write init.mp4 and segment.m4s there", "DIR"},
        {"allow-files", 0, 0, G_OPTION_ARG_NONE, &allow_files, "Take jobs that read local files", nullptr},
        {"version", 0, 0, G_OPTION_ARG_NONE, &version, "Print the version", nullptr},
        {nullptr, 0, 0, G_OPTION_ARG_NONE, nullptr, nullptr, nullptr}};
    auto context = butaca::adopt(g_option_context_new(nullptr));
    g_option_context_set_summary(context.get(), "Makes one media segment at a time.");
    g_option_context_add_main_entries(context.get(), entries, nullptr);
    butaca::Owned<GError> error;
    const bool good = g_option_context_parse(context.get(), &argc, &argv, butaca::Out(error));
    options.job = butaca::adopt(job);
    options.output = butaca::adopt(output);
    options.allow_files = allow_files;
    options.version = version;
    if (!good)
        g_printerr("%s\n", error->message);
    return good;
}

// Films from strangers are parsed here: no core dumps of what is in memory, no ptrace, no setuid programs.
void shut_out_others()
{
    const rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

} // namespace

int main(int argc, char **argv)
{
    Options options;
    if (!parse(argc, argv, options))
        return 2;
    if (options.version) {
        g_print("butaca-worker %s\n", BUTACA_VERSION);
        return 0;
    }
    shut_out_others();
    butaca::log::init("worker",
                      butaca::log::level_from(g_getenv("BUTACA_LOG") ? g_getenv("BUTACA_LOG") : ""));
    gst_init(nullptr, nullptr);
    if (options.job && options.output)
        return butaca::pipelines::run_errand(options.job.get(), options.output.get(), options.allow_files);
    if (options.socket_fd >= 0)
        butaca::pipelines::Server(options.socket_fd, options.allow_files).run();
    g_printerr("Give --socket, or --job and --output.\n");
    return 2;
}
