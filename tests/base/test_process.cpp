// SPDX-License-Identifier: LGPL-2.1-or-later
// Real children: /bin/sh tells what it was given.
#include <array>
#include <cerrno>
#include <csignal>
#include <optional>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "src/base/loop.h"
#include "src/base/process.h"
#include "tests/base/temporary_directory.h"

using namespace butaca;
using namespace std::string_literals;

namespace {

struct Pipe {
    Fd reader;
    Fd writer;
    Pipe()
    {
        std::array<int, 2> ends{};
        EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
        reader.reset(ends[0]);
        writer.reset(ends[1]);
    }
    std::string read_all()
    {
        writer.reset();
        std::string text;
        std::array<char, 4096> piece{};
        for (ssize_t n = 0; (n = ::read(reader.get(), piece.data(), piece.size())) > 0;)
            text.append(piece.data(), static_cast<std::size_t>(n));
        return text;
    }
};

ChildExit wait_for(Child &child)
{
    std::optional<ChildExit> how;
    child.on_exit([&](ChildExit seen) { how = seen; });
    while (!how)
        g_main_context_iteration(nullptr, TRUE);
    return *how;
}

ChildOptions shell(const std::string &script)
{
    ChildOptions options;
    options.argv = {"/bin/sh", "-c", script};
    return options;
}

// What the script writes to its standard output.
std::string output_of(ChildOptions options)
{
    Pipe pipe;
    options.fds.push_back({pipe.writer.get(), 1});
    auto child = Child::spawn(options);
    EXPECT_TRUE(child) << (child ? "" : child.error().detail);
    if (!child)
        return "";
    std::string text = pipe.read_all();
    EXPECT_TRUE(wait_for(*child).clean());
    return text;
}

} // namespace

TEST(Child, TellsHowItEnded)
{
    auto child = Child::spawn(shell("exit 7"));
    ASSERT_TRUE(child);
    EXPECT_TRUE(child->running());
    ChildExit how = wait_for(*child);
    EXPECT_EQ(how.code, 7);
    EXPECT_EQ(how.signal_number, 0);
    EXPECT_FALSE(child->running());
    EXPECT_EQ(child->pidfd(), -1);
    child->kill(SIGKILL);
}

TEST(Child, CanBeSignalled)
{
    auto child = Child::spawn(shell("exec sleep 1000"));
    ASSERT_TRUE(child);
    child->kill(SIGTERM);
    EXPECT_EQ(wait_for(*child).signal_number, SIGTERM);
}

TEST(Child, MayBeDestroyedInItsOwnCallback)
{
    auto spawned = Child::spawn(shell("exit 0"));
    ASSERT_TRUE(spawned);
    auto child = std::make_unique<Child>(std::move(*spawned));
    child->on_exit([&](ChildExit) { child.reset(); });
    while (child)
        g_main_context_iteration(nullptr, TRUE);
}

TEST(Child, IsKilledAndReapedWithItsOwner)
{
    pid_t pid = 0;
    {
        auto child = Child::spawn(shell("exec sleep 1000"));
        ASSERT_TRUE(child);
        pid = child->pid();
        EXPECT_EQ(::kill(pid, 0), 0);
    }
    EXPECT_EQ(::waitpid(pid, nullptr, WNOHANG), -1);
    EXPECT_EQ(errno, ECHILD);
}

TEST(Child, ReportsWhatCannotBeRun)
{
    ChildOptions options;
    EXPECT_EQ(Child::spawn(options).error().code, ErrorCode::invalid_argument);
    options.argv = {"/does/not/exist"};
    EXPECT_EQ(Child::spawn(options).error().code, ErrorCode::not_found);
    options.argv = {"no-such-program-anywhere"};
    EXPECT_EQ(Child::spawn(options).error().code, ErrorCode::not_found);
    options = shell("exit 0");
    options.working_directory = "/does/not/exist";
    auto child = Child::spawn(options);
    ASSERT_FALSE(child);
    EXPECT_EQ(child.error().code, ErrorCode::not_found);
    EXPECT_NE(child.error().detail.find("changing the directory"), std::string::npos);
    options = shell("exit 0");
    options.fds = {{9999, 3}};
    EXPECT_EQ(Child::spawn(options).error().code, ErrorCode::internal);
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1); // and nothing was left unreaped
}

TEST(Child, ReportsAFileThatIsNoProgram)
{
    test::TemporaryDirectory directory;
    ChildOptions options;
    options.argv = {directory.at("text")};
    Fd file(::open(options.argv[0].c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0755));
    ASSERT_EQ(::write(file.get(), "\x01\x02\x03", 3), 3);
    file.reset();
    auto child = Child::spawn(options);
    ASSERT_FALSE(child);
    EXPECT_EQ(child.error().code, ErrorCode::internal);
    EXPECT_NE(child.error().detail.find("running the program"), std::string::npos);
}

TEST(Child, GetsItsEnvironmentAndDirectory)
{
    test::TemporaryDirectory directory;
    ::setenv("BUTACA_TEST_PARENT", "parent", 1);
    ::setenv("BUTACA_TEST_BOTH", "parent", 1);
    ChildOptions options = shell("echo \"$BUTACA_TEST_PARENT $BUTACA_TEST_BOTH $BUTACA_TEST_CHILD\"; pwd -P");
    options.environment = {{"BUTACA_TEST_BOTH", "child"}, {"BUTACA_TEST_CHILD", "a b"}};
    options.working_directory = directory.path();
    EXPECT_EQ(output_of(options), "parent child a b\n" + directory.path() + "\n");
    options.clear_environment = true;
    EXPECT_EQ(output_of(options), " child a b\n" + directory.path() + "\n");
}

TEST(Child, GetsTheDescriptorsThatAreMappedAndNoOthers)
{
    Pipe first;
    Pipe second;
    int open_for_all = ::dup(first.writer.get()); // not CLOEXEC
    // Swapped numbers: each is the source of the other's mapping.
    ChildOptions options = shell("echo one >&" + std::to_string(second.writer.get()) + "; echo two >&" +
                                 std::to_string(first.writer.get()) + "; echo $(ls /proc/self/fd | wc -l)");
    options.fds = {{first.writer.get(), second.writer.get()}, {second.writer.get(), first.writer.get()}};
    // Of the child's: 0, 1, 2, the two mapped, and the one that ls reads the list from.
    EXPECT_EQ(output_of(options), "6\n");
    ::close(open_for_all);
    EXPECT_EQ(first.read_all(), "one\n");
    EXPECT_EQ(second.read_all(), "two\n");
}

TEST(Child, GetsDescriptorsUnderNumbersThatAreFreeInTheParent)
{
    // Down to the lowest free number: there copies made on the way, which climb, would meet their own target,
    // at one of two lengths that follow each other.
    for (int length : {8, 9}) {
        Pipe pipe;
        int number = ::dup(0);
        ::close(number);
        std::string script;
        ChildOptions options;
        for (int i = number + length - 1; i >= number; --i) {
            script += "echo x > /proc/self/fd/" + std::to_string(i) + "; ";
            options.fds.push_back({pipe.writer.get(), i});
        }
        options.argv = {"/bin/sh", "-c", script};
        auto child = Child::spawn(options);
        ASSERT_TRUE(child);
        EXPECT_EQ(pipe.read_all().size(), static_cast<std::size_t>(length) * 2);
        EXPECT_TRUE(wait_for(*child).clean());
    }
}

TEST(Child, ReadsNothingFromStandardInputUnlessMapped)
{
    EXPECT_EQ(output_of(shell("cat; echo end")), "end\n");
    Pipe pipe;
    ASSERT_EQ(::write(pipe.writer.get(), "hello ", 6), 6);
    pipe.writer.reset();
    ChildOptions options = shell("cat; echo end");
    options.fds = {{pipe.reader.get(), 0}};
    EXPECT_EQ(output_of(options), "hello end\n");
}

TEST(Child, IsHeldToItsLimits)
{
    ChildOptions options = shell("ulimit -v; ulimit -t; ulimit -n; ulimit -f; ulimit -c; "
                                 "grep -c '^NoNewPrivs:.*1$' /proc/self/status");
    options.limits = {std::uint64_t{1} << 30, 60, 64, 512 * 100};
#ifdef __SANITIZE_ADDRESS__
    const std::string address_space_kib = "unlimited";
#else
    const std::string address_space_kib = "1048576";
#endif
    EXPECT_EQ(output_of(options), address_space_kib + "\n60\n64\n100\n0\n1\n");
}

TEST(Child, StartsWithDefaultSignals)
{
    auto before = std::signal(SIGPIPE, SIG_IGN);
    std::string text = output_of(shell("grep -E '^Sig(Ign|Blk)' /proc/self/status | tr -d '\\t'"));
    std::signal(SIGPIPE, before);
    EXPECT_EQ(text, "SigBlk:0000000000000000\nSigIgn:0000000000000000\n");
}

TEST(Child, DiesWithItsParent)
{
    // The grandchild's end of the pipe closes only when it dies; its parent is killed without any cleanup.
    Pipe pipe;
    pid_t parent = ::fork();
    ASSERT_GE(parent, 0);
    if (parent == 0) {
        ChildOptions options = shell("exec sleep 1000");
        options.fds = {{pipe.writer.get(), 3}};
        auto child = Child::spawn(options);
        ::_exit(child ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(parent, &status, 0), parent);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(pipe.read_all(), "");
}

TEST(Child, RunsAsAnotherUser)
{
    if (::geteuid() != 0)
        GTEST_SKIP() << "needs privileges";
    ChildOptions options = shell("id -u; id -g; id -G");
    options.uid = 65534;
    options.gid = 65534;
    options.working_directory = "/";
    EXPECT_EQ(output_of(options), "65534\n65534\n65534\n");
}
