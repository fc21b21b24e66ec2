#include "datasets/download.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <thread>

#include <fmt/format.h>

#include "base/descriptor.h"
#include "base/file.h"
#include "base/sha256.h"
#include "datasets/http.h"

namespace mote::datasets {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kLongestWait{60000};
constexpr const char* kHint = "check the connection, or name another copy with --mirror";

// PATH.part while it grows, and beside it PATH.part.from: the address and version that it is of.
class Part {
 public:
  explicit Part(const DownloadRequest& request)
      : growing{file_, request.path + ".part", 0, request.bytes, {}},
        file_(::open(growing.path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666)),
        origin_path_(growing.path + ".from") {
    struct stat status;
    if (file_.number < 0 || ::fstat(file_.number, &status) != 0 ||
        ::lseek(file_.number, 0, SEEK_END) < 0)
      throw system_error(ErrorKind::usage, "cannot write", growing.path);
    growing.bytes = status.st_size;
    if (growing.bytes > request.bytes) growing.restart();
  }

  std::string sha256() const {
    Sha256 digest;
    std::array<uint8_t, 1 << 16> piece;
    for (off_t at = 0;;) {
      const ssize_t count = ::pread(file_.number, piece.data(), piece.size(), at);
      if (count < 0) throw system_error(ErrorKind::usage, "cannot read", growing.path);
      if (count == 0) return digest.hex();
      digest.add(std::span(piece).first(static_cast<size_t>(count)));
      at += count;
    }
  }

  // The version that is there, as far as `url` would know it.
  void recall(const std::string& url) {
    if (!fs::exists(origin_path_)) return;
    const Bytes bytes = read_file(origin_path_);
    const std::string text(bytes.begin(), bytes.end());
    if (text.starts_with(url + "\n")) growing.validator = text.substr(url.size() + 1);
    remembered_ = growing.validator;
  }
  void remember(const std::string& url) {
    if (growing.validator == remembered_) return;
    remembered_ = growing.validator;
    write_file(origin_path_, url + "\n" + growing.validator);
  }

  void finish(const std::string& path) const {
    publish(file_, growing.path, path);
    std::error_code ignored;  // the download is there, whatever becomes of the note beside it
    fs::remove(origin_path_, ignored);
  }
  void discard() const {
    fs::remove(growing.path);
    fs::remove(origin_path_);
  }

  PartialFile growing;

 private:
  Descriptor file_;
  std::string origin_path_;
  std::string remembered_;
};

// The attempts at one address.
class Address {
 public:
  Address(const std::string& url, const DownloadRequest& request, const Patience& patience,
          const DownloadProgress& progress)
      : url_(url), request_(request), patience_(patience), progress_(progress), part_(request) {
    part_.recall(url);
  }

  // What is wrong with the address; nothing where the file is there now.
  std::optional<Error> run() {
    for (bool pieces_did_not_fit = false;; pieces_did_not_fit = true) {
      if (const std::optional<Error> error = complete()) return error;
      const std::string got = part_.sha256();
      if (got == request_.sha256) {
        part_.finish(request_.path);
        return {};
      }
      if (in_one_piece_ || pieces_did_not_fit) return wrong_bytes(got);
      part_.growing.restart();
    }
  }

 private:
  std::optional<Error> complete() {
    int64_t most = part_.growing.bytes;
    for (int32_t failures = 0; part_.growing.bytes < request_.bytes;) {
      const Response response = request_rest(url_, part_.growing, patience_.stall, [this] {
        part_.remember(url_);
        progress_(part_.growing.bytes, "");
      });
      in_one_piece_ = response.in_one_piece;
      if (response.answer == Answer::whole) return {};
      if (response.answer == Answer::other_file)
        return Error(ErrorKind::invalid_input, response.why, url_, kHint);
      if (response.answer == Answer::hopeless)
        return Error(ErrorKind::usage, response.why, url_, kHint);
      failures = part_.growing.bytes > most ? 1 : failures + 1;
      most = std::max(most, part_.growing.bytes);
      if (failures >= patience_.attempts)
        return Error(ErrorKind::usage,
                     fmt::format("{}, at the last of {} attempts", response.why, failures), url_,
                     kHint);
      wait(failures, response);
    }
    return {};
  }

  Error wrong_bytes(const std::string& got) const {
    part_.discard();
    return {ErrorKind::invalid_input,
            fmt::format("wrong bytes for {}: expected SHA-256 {}, got {}", request_.path,
                        request_.sha256, got),
            url_, "that copy is damaged or another file: name another copy with --mirror"};
  }

  void wait(int32_t failures, const Response& response) const {
    const std::chrono::milliseconds ours = patience_.delay * (int64_t{1} << (failures - 1));
    const std::chrono::milliseconds theirs = response.wait;
    const auto delay = std::min(std::max(ours, theirs), kLongestWait);
    progress_(part_.growing.bytes,
              fmt::format("{}; again in {} s", response.why, (delay.count() + 999) / 1000));
    std::this_thread::sleep_for(delay);
  }

  std::string url_;
  const DownloadRequest& request_;
  const Patience& patience_;
  const DownloadProgress& progress_;
  Part part_;
  bool in_one_piece_ = false;  // all that is there came by one request
};

// Several addresses failed, each in its way: wrong bytes are the graver news.
Error all_failed(const std::vector<Error>& errors, const std::string& path) {
  ErrorKind kind = ErrorKind::usage;
  std::string message = "none of its addresses has it";
  for (const Error& error : errors) {
    if (error.kind == ErrorKind::invalid_input) kind = error.kind;
    message += fmt::format("; {}: {}", error.where, error.message);
  }
  return {kind, message, path, kHint};
}

}  // namespace

void download(const DownloadRequest& request, const Patience& patience,
              const DownloadProgress& progress) {
  std::vector<Error> errors;
  for (const std::string& url : request.urls) {
    const std::optional<Error> error = Address(url, request, patience, progress).run();
    if (!error) return;
    errors.push_back(*error);
  }
  throw errors.size() == 1 ? errors[0] : all_failed(errors, request.path);
}

}  // namespace mote::datasets
