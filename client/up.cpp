// SPDX-License-Identifier: LGPL-2.1-or-later
#include "client/up.h"

#include <cstdio>
#include <cstdlib>

#include <unistd.h>

#include "client/places.h"
#include "client/words.h"
#include "src/base/files.h"
#include "src/base/signed.h"

namespace butaca::client {

namespace {

using std::chrono::milliseconds;

// Standard output is for the one line that programs wait for; people are told on standard error.
void tell(const std::string &words) { fprintf(stderr, "%s\n", words.c_str()); }

std::string in_seconds(milliseconds pause)
{
    return pause.count() % 1000 ? "0." + std::to_string(pause.count() / 100 % 10)
                                : std::to_string(pause.count() / 1000);
}

std::string local_url(std::uint16_t port) { return "http://" + url_authority("127.0.0.1", port); }

} // namespace

Up::Up(UpOptions options, Programs programs)
    : options_(std::move(options)), programs_(std::move(programs)),
      loop_(adopt(g_main_loop_new(nullptr, FALSE)))
{
}

Status Up::prepare()
{
    for (const char *folder : {"", "/log", "/apps", "/vs", "/as"})
        if (Status made = make_directories(options_.data + folder); !made)
            return made;
    for (const char *key : {"/origin.key", "/session.key"})
        if (auto made = SigningKey::load_or_create(options_.data + key); !made)
            return fail(std::move(made).error());
    ClusterSettings settings;
    settings.folder = options_.data + "/postgresql";
    settings.log = options_.data + "/log/postgresql.log";
    settings.tell = tell;
    auto cluster = Cluster::prepare(std::move(settings));
    if (!cluster)
        return fail(std::move(cluster).error());
    cluster_ = std::move(*cluster);
    return {};
}

Status Up::run()
{
    if (Status prepared = prepare(); !prepared)
        return prepared;
    const SignalWatch interrupted(SIGINT, [this] { stop(); });
    const SignalWatch terminated(SIGTERM, [this] { stop(); });
    const SignalWatch hung_up(SIGHUP, [this] { stop(); });
    tell(say(Word::starting));
    cluster_->start(events(), [this] { start_servers(); });
    g_main_loop_run(loop_.get());
    return std::move(outcome_);
}

Service::Events Up::events()
{
    return {[](const Service &service, const std::string &how, milliseconds pause) {
                tell(say(Word::service_stopped,
                         {service.spec().name, how, in_seconds(pause), service.spec().log}));
            },
            [this](const Service &service) { give_up(service); }};
}

namespace {

// How long the first look into the folders is waited for.
constexpr std::int64_t first_look_us = 15'000'000;

} // namespace

ServiceSpec Up::origin_spec(const std::string &name, const std::string &program,
                            const std::vector<std::string> &folders, std::uint16_t port) const
{
    ServiceSpec spec;
    spec.name = "butaca-" + name;
    spec.argv = {program,
                 "--data",
                 options_.data + "/" + name,
                 "--address",
                 "127.0.0.1",
                 "--port",
                 std::to_string(port),
                 "--key",
                 options_.data + "/origin.key"};
    for (const std::string &folder : folders) {
        spec.argv.emplace_back("--folder");
        spec.argv.push_back(folder);
    }
    spec.log = options_.data + "/log/" + spec.name + ".log";
    return spec;
}

ServiceSpec Up::apps_spec() const
{
    ServiceSpec spec;
    spec.name = "butaca-apps";
    spec.argv = {programs_.apps,
                 "--data",
                 options_.data + "/apps",
                 "--address",
                 options_.address,
                 "--port",
                 std::to_string(options_.port),
                 "--rtsp-port",
                 std::to_string(options_.rtsp_port),
                 "--database",
                 cluster_->dsn(),
                 "--vs",
                 local_url(options_.vs_port),
                 "--as",
                 local_url(options_.as_port),
                 "--origin-key",
                 options_.data + "/origin.key",
                 "--session-key",
                 options_.data + "/session.key",
                 "--first-administrator",
                 first_administrator_file(),
                 "--worker",
                 programs_.worker};
    if (auto page = find_page()) {
        spec.argv.emplace_back("--web");
        spec.argv.push_back(*page);
    }
    if (!options_.config.empty()) {
        spec.argv.emplace_back("--config");
        spec.argv.push_back(options_.config);
    }
    for (const std::string &assignment : options_.set) {
        spec.argv.emplace_back("--set");
        spec.argv.push_back(assignment);
    }
    spec.log = options_.data + "/log/butaca-apps.log";
    spec.grace = std::chrono::seconds(30); // it finishes the segments that it is sending
    return spec;
}

void Up::start_servers()
{
    const auto plugins = find_plugins();
    const char *others = getenv("GST_PLUGIN_PATH");
    auto start = [&](ServiceSpec spec) {
        if (plugins)
            spec.environment.emplace_back("GST_PLUGIN_PATH",
                                          others && *others ? *plugins + ":" + others : *plugins);
        auto service = std::make_unique<Service>(std::move(spec), events());
        service->start();
        return service;
    };
    vs_ = start(origin_spec("vs", programs_.vs, options_.video, options_.vs_port));
    as_ = start(origin_spec("as", programs_.as, options_.audio, options_.as_port));
    apps_ = start(apps_spec());
    poll_.every(milliseconds(50), [this] { ask_readiness(); });
}

void Up::ask(const std::string &url, std::function<void(const json::Value &)> then)
{
    if (asked_)
        return;
    http::Call call;
    call.url = url;
    call.timeout = milliseconds(2000);
    call.body_limit_bytes = 64 << 10;
    asked_ = client_.send(std::move(call), [this, then = std::move(then)](const Result<http::Reply> &reply) {
        asked_.reset();
        if (!reply || reply->status != 200 || stopping_)
            return;
        auto body = json::Value::parse(reply->body);
        then(body ? *body : json::Value());
    });
}

void Up::ask_readiness()
{
    ask("http://" + url_authority(options_.address, options_.port) + "/readyz",
        [this](const json::Value &state) {
            if (ready_since_us_ == 0) {
                ready_since_us_ = g_get_monotonic_time();
                apps_->settle();
            }
            // What lies in the folders already should be there when people look. A large library takes its
            // time, and then nobody should wait for all of it.
            if (g_get_monotonic_time() - ready_since_us_ > first_look_us)
                return announce();
            std::int64_t titles = 0;
            for (const auto &origin : state["origins"].items())
                titles += origin["titles"].integer_or(0);
            if (state["catalogue_stored"].boolean_or(false))
                post([this, titles] { ask_origin(options_.vs_port, 0, titles); });
        });
}

// Goes on to the AS after the VS, counting what they offer; `titles` is what AppS knows.
void Up::ask_origin(std::uint16_t port, std::int64_t offered, std::int64_t titles)
{
    ask(local_url(port) + "/healthz", [this, port, offered, titles](const json::Value &state) {
        if (!state["idle"].boolean_or(false))
            return;
        std::int64_t sum = offered + state["items"].integer_or(0);
        if (port == options_.vs_port)
            post([this, sum, titles] { ask_origin(options_.as_port, sum, titles); });
        else if (sum == titles)
            announce();
    });
}

std::string Up::first_administrator_file() const { return options_.data + "/administrator"; }

// AppS made one and wrote down its address and its password, which nobody else knows.
void Up::tell_of_administrator() const
{
    const std::string path = first_administrator_file();
    const auto written = read_file(path, 1024);
    const std::size_t end = written ? written->find('\n') : std::string::npos;
    if (end == std::string::npos)
        return;
    const std::string password = written->substr(end + 1, written->find('\n', end + 1) - end - 1);
    tell(say(Word::administrator, {written->substr(0, end), password}));
    unlink(path.c_str());
}

void Up::announce()
{
    if (!poll_.running())
        return;
    poll_.stop();
    tell_of_administrator();
    // Programs wait for exactly this line, in whatever language people are spoken to.
    printf("Butaca is ready at http://%s\n", url_authority(options_.address, options_.port).c_str());
    fflush(stdout);
}

void Up::give_up(const Service &service)
{
    tell(say(Word::service_gives_up, {service.spec().name, service.spec().log}));
    tell(end_of(service.spec().log, 2000));
    outcome_ = fail(ErrorCode::unavailable, service.spec().name);
    stop();
}

void Up::stop()
{
    if (std::exchange(stopping_, true))
        return;
    tell(say(Word::stopping));
    poll_.stop();
    asked_.reset();
    apps_ ? apps_->stop([this] { stop_origins(); }) : stop_origins();
}

void Up::stop_origins()
{
    origins_left_ = 2;
    auto one_less = [this] {
        if (--origins_left_ == 0)
            stop_database();
    };
    for (Service *service : {vs_.get(), as_.get()})
        service ? service->stop(one_less) : one_less();
}

void Up::stop_database()
{
    cluster_->stop([this] {
        tell(say(Word::stopped));
        g_main_loop_quit(loop_.get());
    });
}

} // namespace butaca::client
