// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/origin/main.h"

#include <climits>
#include <cstdio>
#include <cstring>

#include <gst/gst.h>
#include <unistd.h>

#include "src/base/log.h"
#include "src/http/server.h"
#include "src/origin/routes.h"

namespace butaca::origin {

namespace {

struct Options {
    std::vector<std::string> folders;
    std::string data;
    std::string address = "127.0.0.1";
    std::string key;
    int port = 0;
    int settle_ms = 2000;
    int rescan_ms = 60'000;
};

// What GOption fills in, freed at the end.
struct RawOptions {
    char **folders = nullptr;
    char *data = nullptr;
    char *address = nullptr;
    char *key = nullptr;
    ~RawOptions()
    {
        g_strfreev(folders);
        g_free(data);
        g_free(address);
        g_free(key);
    }
};

// A folder by its real path; says what is wrong with it otherwise.
Result<std::string> real_folder(const char *path)
{
    std::unique_ptr<char, decltype(&free)> real(realpath(path, nullptr), free);
    struct stat status {};
    if (!real || stat(real.get(), &status) != 0 || !S_ISDIR(status.st_mode))
        return fail(ErrorCode::invalid_argument, std::string("--folder: there is no folder ") + path);
    return std::string(real.get());
}

Result<Options> read_options(int argc, char **argv, const Policy &policy)
{
    RawOptions raw;
    Options options;
    options.port = policy.port;
    const GOptionEntry entries[] = {
        {"folder", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &raw.folders, "A folder to offer; may be repeated",
         "DIR"},
        {"data", 0, 0, G_OPTION_ARG_FILENAME, &raw.data, "Where to keep records and indexes", "DIR"},
        {"address", 0, 0, G_OPTION_ARG_STRING, &raw.address, "Address to listen on (127.0.0.1)", "ADDRESS"},
        {"port", 0, 0, G_OPTION_ARG_INT, &options.port, "Port to listen on; 0: the system chooses", "PORT"},
        {"key", 0, 0, G_OPTION_ARG_FILENAME, &raw.key, "File with the key that tickets are signed with",
         "PATH"},
        {"settle-ms", 0, 0, G_OPTION_ARG_INT, &options.settle_ms,
         "How long a file must stay the same before it is offered (2000)", "N"},
        {"rescan-ms", 0, 0, G_OPTION_ARG_INT, &options.rescan_ms,
         "How often the folders are gone through whatever was noticed (60000)", "N"},
        {}};
    Owned<GOptionContext> context = adopt(g_option_context_new("- offers a folder of originals to Butaca"));
    g_option_context_add_main_entries(context.get(), entries, nullptr);
    Owned<GError> error;
    if (!g_option_context_parse(context.get(), &argc, &argv, Out(error)))
        return fail(ErrorCode::invalid_argument, error->message);
    if (argc > 1)
        return fail(ErrorCode::invalid_argument, std::string("unknown argument ") + argv[1]);
    if (!raw.data || !raw.key)
        return fail(ErrorCode::invalid_argument, "--data and --key are needed");
    if (options.port < 0 || options.port > 65535 || options.settle_ms < 0 || options.rescan_ms < 100)
        return fail(ErrorCode::invalid_argument, "--port, --settle-ms or --rescan-ms is out of range");
    for (char **folder = raw.folders; folder && *folder; folder++) {
        Result<std::string> real = real_folder(*folder);
        if (!real)
            return fail(std::move(real.error()));
        options.folders.push_back(*real);
    }
    options.data = raw.data;
    options.key = raw.key;
    if (raw.address)
        options.address = raw.address;
    return options;
}

// A folder inside another one is found with it.
void drop_nested(std::vector<std::string> &folders)
{
    std::sort(folders.begin(), folders.end());
    std::vector<std::string> outer;
    for (const std::string &folder : folders) {
        if (outer.empty() || (folder != outer.back() && !folder.starts_with(outer.back() + "/")))
            outer.push_back(folder);
    }
    folders = std::move(outer);
}

std::string own_program()
{
    char path[PATH_MAX];
    ssize_t size = readlink("/proc/self/exe", path, sizeof path);
    return size > 0 ? std::string(path, static_cast<std::size_t>(size)) : std::string();
}

// Puts what was known into the catalogue. A file whose record is lost counts as never seen.
Catalogue restore(const Store &store, State &state)
{
    std::map<std::string, media::Asset> assets;
    std::size_t before = state.files.size();
    std::erase_if(state.files, [&](const auto &item) {
        const std::string &digest = item.second.digest;
        if (digest.empty() || assets.contains(digest))
            return false;
        Result<media::Asset> asset = store.load_asset(digest);
        if (!asset)
            return true;
        assets.emplace(digest, std::move(*asset));
        return false;
    });
    bool lost = state.files.size() != before;
    Catalogue catalogue(state.revision + (lost ? 1 : 0));
    for (auto &[digest, asset] : assets)
        catalogue.restore(std::move(asset));
    return catalogue;
}

int serve(const Options &options, const Policy &policy)
{
    auto complain = [](const Error &error) {
        std::fprintf(stderr, "%s%s%s\n", error.message.c_str(), error.detail.empty() ? "" : ": ",
                     error.detail.c_str());
        return 1;
    };
    Store store(options.data);
    if (Status prepared = store.prepare(); !prepared)
        return complain(prepared.error());
    Result<SigningKey> key = SigningKey::load_or_create(options.key);
    if (!key)
        return complain(key.error());
    State state = store.load_state();
    Catalogue catalogue = restore(store, state);
    Scanner::Settings settings;
    settings.folders = options.folders;
    drop_nested(settings.folders);
    settings.policy = policy;
    settings.settle = std::chrono::milliseconds(options.settle_ms);
    settings.rescan = std::chrono::milliseconds(options.rescan_ms);
    settings.probe.program = own_program();
    const ProbeJob::Settings probe_settings = settings.probe;
    Scanner scanner(std::move(settings), store, catalogue, Library(std::move(state.files)));
    scanner.on_idle([&] { log::debug("origin.idle", {{"items", catalogue.all().size()}}); });
    Routes routes(*key, catalogue, scanner, store, probe_settings);
    http::ServerSettings server_settings;
    server_settings.address = options.address;
    server_settings.port = static_cast<std::uint16_t>(options.port);
    auto server = http::Server::start(server_settings, routes.table());
    if (!server)
        return complain(server.error());
    log::info("origin.ready", {{"address", options.address}, {"port", (*server)->port()}});
    std::printf("butaca-%s is ready at http://%s:%u\n", policy.name.c_str(), options.address.c_str(),
                unsigned{(*server)->port()});
    std::fflush(stdout);
    Owned<GMainLoop> loop = adopt(g_main_loop_new(nullptr, FALSE));
    auto quit = [&] { g_main_loop_quit(loop.get()); };
    SignalWatch interrupt(SIGINT, quit);
    SignalWatch terminate(SIGTERM, quit);
    g_main_loop_run(loop.get());
    scanner.save_state();
    return 0;
}

} // namespace

int run(int argc, char **argv, const Policy &policy)
{
    if (argc == 2 && std::strcmp(argv[1], "--probe") == 0)
        return probe_child_main();
    if (argc == 2 && std::strcmp(argv[1], "--subtitles") == 0)
        return subtitles_child_main();
    if (argc == 2 && std::strcmp(argv[1], "--loudness") == 0)
        return loudness_child_main();
    const char *level = g_getenv("BUTACA_LOG");
    log::init(policy.name, log::level_from(level ? level : "info"));
    Result<Options> options = read_options(argc, argv, policy);
    if (!options) {
        std::fprintf(stderr, "%s\nTry --help.\n", options.error().message.c_str());
        return 2;
    }
    // Brings the registry of plugins up to date, which the probes then only read.
    gst_init(nullptr, nullptr);
    return serve(*options, policy);
}

} // namespace butaca::origin
