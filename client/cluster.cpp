// SPDX-License-Identifier: LGPL-2.1-or-later
#include "client/cluster.h"

#include <array>
#include <charconv>
#include <climits>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "client/places.h"
#include "client/words.h"
#include "src/base/encoding.h"
#include "src/base/files.h"
#include "src/base/log.h"

namespace butaca::client {

namespace fs = std::filesystem;

// Whom PostgreSQL runs as.
struct Cluster::User {
    uid_t uid = geteuid();
    gid_t gid = getegid();
    bool is_other = false; // we are root, and it is not
};

namespace {

constexpr std::string_view installed_below = "/usr/lib/postgresql/";

std::string first_line(const std::string &path)
{
    const auto text = read_file(path, 4096);
    return text ? text->substr(0, text->find('\n')) : std::string();
}

// The folder of the programs that can run a cluster of `version`; of the newest ones when that is empty.
Result<std::string> find_postgresql(const std::string &version)
{
    unsigned newest = 0;
    std::error_code ignored;
    for (const fs::directory_entry &entry : fs::directory_iterator(installed_below, ignored))
        if (const auto number = to_integer<unsigned>(entry.path().filename().string()))
            if (access((entry.path() / "bin/initdb").c_str(), X_OK) == 0)
                newest = std::max(newest, *number);
    const std::string folder =
        std::string(installed_below) + (version.empty() ? std::to_string(newest) : version) + "/bin";
    if (access((folder + "/postgres").c_str(), X_OK) != 0)
        return fail(ErrorCode::unsupported, say(Word::no_postgresql, {version}));
    return folder;
}

std::string dsn_value(std::string_view value)
{
    std::string out = "'";
    for (char c : value) {
        if (c == '\'' || c == '\\')
            out += '\\';
        out += c;
    }
    return out += "'";
}

// Makes `path` a folder that belongs to the user and nobody else may enter. Refuses one that someone else put
// there, which matters below /tmp.
Status own_folder(const std::string &path, uid_t uid, gid_t gid)
{
    if (mkdir(path.c_str(), 0700) == 0 && chown(path.c_str(), uid, gid) != 0)
        return fail(ErrorCode::internal, "a folder cannot be given away", path);
    struct stat found {};
    if (lstat(path.c_str(), &found) != 0 || !S_ISDIR(found.st_mode) || found.st_uid != uid)
        return fail(ErrorCode::internal, "the folder of the database is missing or someone else's", path);
    return chmod(path.c_str(), 0700) == 0
               ? Status()
               : fail(ErrorCode::internal, "a folder cannot be closed to others", path);
}

Result<ChildExit> run(const ChildOptions &options)
{
    auto child = Child::spawn(options);
    if (!child)
        return fail(std::move(child).error());
    std::optional<ChildExit> exit;
    child->on_exit([&exit](ChildExit how) { exit = how; });
    while (!exit)
        g_main_context_iteration(nullptr, TRUE);
    return *exit;
}

} // namespace

Cluster::Cluster(ClusterSettings settings, std::string programs)
    : settings_(std::move(settings)), programs_(std::move(programs)), data_(settings_.folder + "/data"),
      socket_folder_(settings_.folder + "/socket")
{
    if (!is_too_long_for_socket(socket_folder_))
        return;
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    socket_folder_ = std::string(runtime && *runtime && geteuid() != 0 ? runtime : "/tmp") + "/butaca-" +
                     std::to_string(geteuid()) + "-" + short_name_for(data_);
}

Result<std::unique_ptr<Cluster>> Cluster::prepare(ClusterSettings settings)
{
    std::error_code wrong;
    if (settings.folder = fs::absolute(settings.folder, wrong).lexically_normal().string(); wrong)
        return fail(ErrorCode::internal, "the folder of the database cannot be found", wrong.message());
    User user;
    if (geteuid() == 0) {
        const passwd *postgres = getpwnam("postgres");
        if (!postgres)
            return fail(ErrorCode::unsupported, say(Word::no_postgresql, {""}));
        user = {postgres->pw_uid, postgres->pw_gid, true};
        if (!can_reach(settings.folder, user.uid, user.gid))
            settings.folder = "/var/lib/butaca/" + short_name_for(settings.folder);
        settings.tell(say(Word::as_postgres_user, {settings.folder}));
    }
    auto programs = find_postgresql(first_line(settings.folder + "/data/PG_VERSION"));
    if (!programs)
        return fail(std::move(programs).error());
    std::unique_ptr<Cluster> cluster(new Cluster(std::move(settings), std::move(*programs)));
    if (Status made = cluster->make_folders(user); !made)
        return fail(std::move(made).error());
    if (Status made = cluster->make_cluster(user); !made)
        return fail(std::move(made).error());
    if (Status free = cluster->stop_leftover(); !free)
        return fail(std::move(free).error());
    return cluster;
}

Status Cluster::make_folders(const User &user)
{
    if (Status made = make_directories(fs::path(settings_.folder).parent_path().string()); !made)
        return made;
    for (const std::string &folder : {settings_.folder, socket_folder_})
        if (Status made = own_folder(folder, user.uid, user.gid); !made)
            return made;
    dsn_ = "host=" + dsn_value(socket_folder_) + " port=5432 user=butaca dbname=postgres";
    // The death signal has to be asked for after the change of user, which forgets it. SIGINT: fast shutdown.
    wrapper_ = {"setpriv", "--pdeathsig", "INT"};
    if (user.is_other) {
        for (const char *word : {"--reuid", "postgres", "--regid", "postgres", "--init-groups"})
            wrapper_.emplace_back(word);
    }
    wrapper_.emplace_back("--");
    return {};
}

Status Cluster::make_cluster(const User &user)
{
    if (!first_line(data_ + "/PG_VERSION").empty())
        return {};
    settings_.tell(say(Word::making_database));
    // Made aside, for initdb that is interrupted leaves something that looks like a cluster.
    const std::string aside = settings_.folder + "/data.new";
    std::error_code wrong;
    fs::remove_all(aside, wrong);
    if (Status made = own_folder(aside, user.uid, user.gid); !made)
        return made;
    const Fd log(open(settings_.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640));
    ChildOptions options;
    options.argv = wrapper_;
    for (const char *word : {"--username=butaca", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"})
        options.argv.emplace_back(word);
    options.argv.insert(options.argv.begin() + static_cast<std::ptrdiff_t>(wrapper_.size()),
                        {programs_ + "/initdb", "--pgdata=" + aside});
    if (!settings_.durable)
        options.argv.emplace_back("--no-sync");
    if (log)
        options.fds = {{log.get(), STDOUT_FILENO}, {log.get(), STDERR_FILENO}};
    // initdb wants a working directory that it may read.
    options.working_directory = settings_.folder;
    auto exit = run(options);
    if (!exit)
        return fail(std::move(exit).error());
    if (!exit->clean())
        return fail(ErrorCode::internal, "initdb failed; see " + settings_.log);
    fs::rename(aside, data_, wrong);
    return wrong ? fail(ErrorCode::internal, "the new database cannot be moved into place", wrong.message())
                 : Status();
}

Status Cluster::stop_leftover()
{
    const std::string file = data_ + "/postmaster.pid";
    const auto pid = to_integer<pid_t>(first_line(file));
    if (!pid || *pid <= 1)
        return {};
    std::array<char, PATH_MAX> folder{};
    const std::string process = "/proc/" + std::to_string(*pid);
    const Fd handle(static_cast<int>(syscall(SYS_pidfd_open, *pid, 0)));
    const ssize_t length = readlink((process + "/cwd").c_str(), folder.data(), folder.size());
    std::error_code ignored;
    const bool ours =
        handle && length > 0 && first_line(process + "/comm") == "postgres" &&
        fs::equivalent(std::string(folder.data(), static_cast<std::size_t>(length)), data_, ignored);
    if (!ours) {
        // The number may be someone else's by now, which PostgreSQL would take for a running server.
        fs::remove(file, ignored);
        return {};
    }
    settings_.tell(say(Word::leftover_database));
    syscall(SYS_pidfd_send_signal, handle.get(), SIGINT, nullptr, 0);
    pollfd end{handle.get(), POLLIN, 0};
    if (poll(&end, 1, 30000) != 1)
        return fail(ErrorCode::unavailable, "the database of an earlier run does not stop", process);
    return {};
}

bool Cluster::takes_connections() const
{
    // Line 8 of postmaster.pid is what pg_ctl --wait looks at as well.
    const auto text = read_file(data_ + "/postmaster.pid", 4096);
    if (!text || to_integer<pid_t>(text->substr(0, text->find('\n'))) != pid())
        return false;
    std::size_t at = 0;
    for (int line = 1; line < 8; ++line) {
        at = text->find('\n', at);
        if (at == text->npos)
            return false;
        ++at;
    }
    return std::string_view(*text).substr(at).starts_with("ready");
}

void Cluster::start(Service::Events events, std::function<void()> ready)
{
    ServiceSpec spec;
    spec.name = "PostgreSQL";
    spec.wrapper = wrapper_;
    spec.argv = {programs_ + "/postgres", "-D", data_};
    const std::string durable = settings_.durable ? "on" : "off";
    for (const std::string &setting :
         {"unix_socket_directories=" + socket_folder_, std::string("listen_addresses="),
          std::string("unix_socket_permissions=0700"), std::string("port=5432"), "fsync=" + durable,
          "synchronous_commit=" + durable, "full_page_writes=" + durable}) {
        spec.argv.emplace_back("-c");
        spec.argv.push_back(setting);
    }
    spec.working_directory = settings_.folder; // ours may be closed to the user postgres
    spec.log = settings_.log;
    spec.stop_signal = SIGINT;
    spec.grace = std::chrono::seconds(60);
    service_ = std::make_unique<Service>(std::move(spec), std::move(events));
    service_->start();
    poll_.every(std::chrono::milliseconds(20), [this, ready = std::move(ready)] {
        if (!takes_connections())
            return;
        service_->settle();
        const auto call = ready; // stopping the timer destroys this very closure
        poll_.stop();
        call();
    });
}

void Cluster::stop(std::function<void()> done)
{
    poll_.stop();
    service_ ? service_->stop(std::move(done)) : done();
}

} // namespace butaca::client
