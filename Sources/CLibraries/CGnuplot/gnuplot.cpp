#include "CGnuplot.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <gnuplot-iostream.h>

extern char **environ;

namespace {

// Writing to a process that has ended raises SIGPIPE, whose default ends this one: the signal is held back for the
// thread while it writes, and one that arose meanwhile is taken off the queue.
class BrokenPipeHeld {
 public:
  BrokenPipeHeld() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    sigset_t pending;
    sigpending(&pending);
    wasPending_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~BrokenPipeHeld() {
    const timespec now = {0, 0};
    if (!wasPending_) {
      while (sigtimedwait(&pipe_, nullptr, &now) == -1 && errno == EINTR) {
      }
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  BrokenPipeHeld(const BrokenPipeHeld &) = delete;
  BrokenPipeHeld &operator=(const BrokenPipeHeld &) = delete;

 private:
  sigset_t pipe_, before_;
  bool wasPending_;
};

struct Descriptor {
  int fd;
  explicit Descriptor(int fd) : fd(fd) {}
  ~Descriptor() { reset(); }
  Descriptor(const Descriptor &) = delete;
  Descriptor &operator=(const Descriptor &) = delete;
  void reset() {
    if (fd >= 0) close(fd);
    fd = -1;
  }
};

void say(char *message, size_t capacity, const std::string &text) {
  if (message == nullptr || capacity == 0) return;
  const size_t length = std::min(text.size(), capacity - 1);
  memcpy(message, text.data(), length);
  message[length] = 0;
}

// What gnuplot wrote to its standard error, as far as it is of use in a sentence.
std::string written(int fd) {
  std::string text(8192, '\0');
  const ssize_t length = pread(fd, text.data(), text.size(), 0);
  text.resize(length > 0 ? static_cast<size_t>(length) : 0);
  return text;
}

}  // namespace

struct gnuplot_session {
  pid_t process;
  Descriptor errors;
  std::unique_ptr<gnuplotio::Gnuplot> stream;

  gnuplot_session(pid_t process, int errors) : process(process), errors(errors) {}
};

gnuplot_session *gnuplot_open(const char *program, char *message, size_t capacity) {
  Descriptor errors(memfd_create("gnuplot-errors", MFD_CLOEXEC));
  int ends[2] = {-1, -1};
  if (errors.fd < 0 || pipe2(ends, O_CLOEXEC) != 0) {
    say(message, capacity, std::string("no pipe to gnuplot: ") + strerror(errno));
    return nullptr;
  }
  Descriptor reading(ends[0]), writing(ends[1]);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, reading.fd, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, errors.fd, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, errors.fd, STDERR_FILENO);
  // "-d": no settings of the user's own.
  char *const arguments[] = {const_cast<char *>(program), const_cast<char *>("-d"), nullptr};
  pid_t process = -1;
  const int failure = posix_spawnp(&process, program, &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failure != 0) {
    say(message, capacity, strerror(failure));
    return nullptr;
  }
  reading.reset();

  FILE *file = fdopen(writing.fd, "w");
  if (file == nullptr) {
    say(message, capacity, std::string("no pipe to gnuplot: ") + strerror(errno));
    writing.reset();
    waitpid(process, nullptr, 0);
    return nullptr;
  }
  writing.fd = -1;
  auto *session = new gnuplot_session(process, errors.fd);
  errors.fd = -1;
  session->stream = std::make_unique<gnuplotio::Gnuplot>(file);
  return session;
}

int gnuplot_command(gnuplot_session *session, const char *text) {
  BrokenPipeHeld held;
  try {
    *session->stream << text << std::endl;
    return session->stream->good() ? 0 : -1;
  } catch (const std::exception &) {
    return -1;
  }
}

int gnuplot_data(gnuplot_session *session, const char *name, const double *values, size_t columns, size_t rows) {
  BrokenPipeHeld held;
  try {
    std::vector<std::vector<double>> table;
    for (size_t column = 0; column < columns; ++column) {
      table.emplace_back(values + column * rows, values + (column + 1) * rows);
    }
    // `send1d_colmajor` ends what it sends with a line "e", which here ends the data block.
    *session->stream << "$" << name << " << e\n";
    if (rows == 0) {
      *session->stream << "e" << std::endl;
    } else {
      session->stream->send1d_colmajor(table);
    }
    return session->stream->good() ? 0 : -1;
  } catch (const std::exception &) {
    return -1;
  }
}

int gnuplot_close(gnuplot_session *session, char *message, size_t capacity) {
  {
    BrokenPipeHeld held;
    session->stream.reset();
  }
  int status = 0;
  while (waitpid(session->process, &status, 0) == -1 && errno == EINTR) {
  }
  const std::string words = written(session->errors.fd);
  delete session;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return 0;
  std::string ending = WIFSIGNALED(status) ? "ended by signal " + std::to_string(WTERMSIG(status))
                                           : "exit status " + std::to_string(WEXITSTATUS(status));
  say(message, capacity, words.empty() ? ending : words);
  return -1;
}
