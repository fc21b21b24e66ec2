#include "datasets/http.h"

#include <unistd.h>

#include <cstdio>
#include <exception>
#include <memory>
#include <optional>

#include <curl/curl.h>
#include <fmt/format.h>

namespace mote::datasets {
namespace {

struct FreeHandle {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

class Request {
 public:
  Request(const std::string& url, PartialFile& part, std::chrono::seconds stall,
          const std::function<void()>& progress);
  Response run();

 private:
  static size_t take(char* data, size_t, size_t count, void* self);
  bool begin();
  bool append(std::span<const uint8_t> bytes);
  bool refuse(Answer answer, const std::string& why);
  Response judge(CURLcode code) const;
  Response judge_status() const;
  long status() const;
  std::string header(const char* name) const;
  template <class Value>
  void set(CURLoption option, Value value);

  PartialFile& part_;
  const std::function<void()>& progress_;
  std::chrono::seconds stall_;
  std::unique_ptr<CURL, FreeHandle> handle_;
  std::unique_ptr<curl_slist, FreeList> headers_;
  char message_[CURL_ERROR_SIZE] = "";
  bool begun_ = false;
  bool in_one_piece_ = false;
  std::optional<Response> refusal_;
  std::exception_ptr thrown_;  // libcurl is C: exceptions do not pass through it
};

template <class Value>
void Request::set(CURLoption option, Value value) {
  if (curl_easy_setopt(handle_.get(), option, value) != CURLE_OK)
    throw Error(ErrorKind::internal, "libcurl does not take an option");
}

Request::Request(const std::string& url, PartialFile& part, std::chrono::seconds stall,
                 const std::function<void()>& progress)
    : part_(part), progress_(progress), stall_(stall), handle_(curl_easy_init()) {
  if (!handle_) throw Error(ErrorKind::internal, "libcurl does not start");
  set(CURLOPT_URL, url.c_str());
  set(CURLOPT_USERAGENT, "mote");
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 1L);
  set(CURLOPT_MAXREDIRS, 10L);
  set(CURLOPT_FAILONERROR, 1L);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_CONNECTTIMEOUT, static_cast<long>(stall.count()));
  set(CURLOPT_LOW_SPEED_LIMIT, 1L);
  set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(stall.count()));
  set(CURLOPT_ERRORBUFFER, static_cast<char*>(message_));
  set(CURLOPT_WRITEFUNCTION, &Request::take);
  set(CURLOPT_WRITEDATA, this);
  if (part.bytes == 0) return;
  // Not CURLOPT_RESUME_FROM, which fails where a server ignores it.
  set(CURLOPT_RANGE, fmt::format("{}-", part.bytes).c_str());
  if (part.validator.empty()) return;
  headers_.reset(curl_slist_append(nullptr, ("If-Range: " + part.validator).c_str()));
  set(CURLOPT_HTTPHEADER, headers_.get());
}

long Request::status() const {
  long status = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
  return status;
}

// Of the last response, after redirections; empty where it has none.
std::string Request::header(const char* name) const {
  curl_header* found = nullptr;
  return curl_easy_header(handle_.get(), name, 0, CURLH_HEADER, -1, &found) == CURLHE_OK
             ? found->value
             : "";
}

bool Request::refuse(Answer answer, const std::string& why) {
  refusal_ = {answer, why};
  return false;
}

// At the first byte of a body: is it what was asked for?
bool Request::begin() {
  if (status() == 206) {
    const std::string range = header("content-range");
    long long first = -1, last = -1, whole = -1;
    const int fields = std::sscanf(range.c_str(), "bytes %lld-%lld/%lld", &first, &last, &whole);
    if (fields < 2 || first != part_.bytes || (fields == 3 && whole != part_.whole)) {
      part_.restart();
      return refuse(Answer::try_again, fmt::format("answers with another range, '{}'", range));
    }
    return true;
  }
  if (status() != 200)
    return refuse(Answer::hopeless, fmt::format("answers with HTTP status {}", status()));
  curl_off_t length = -1;
  curl_easy_getinfo(handle_.get(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  if (length >= 0 && length != part_.whole)
    return refuse(Answer::other_file,
                  fmt::format("has another file there, of {} bytes, not {}", length, part_.whole));
  part_.restart();
  in_one_piece_ = true;
  const std::string tag = header("etag");
  part_.validator = tag.starts_with('"') ? tag : header("last-modified");  // W/ is no use here
  return true;
}

bool Request::append(std::span<const uint8_t> bytes) {
  if (!begun_ && !begin()) return false;
  begun_ = true;
  const auto count = static_cast<int64_t>(bytes.size());
  if (count > part_.whole - part_.bytes) {
    part_.restart();
    return refuse(Answer::other_file,
                  fmt::format("has another file there, of more than {} bytes", part_.whole));
  }
  write_all(part_.file, bytes, part_.path);
  part_.bytes += count;
  progress_();
  return true;
}

// libcurl's callback; anything but `count` ends the transfer.
size_t Request::take(char* data, size_t, size_t count, void* self) {
  auto& request = *static_cast<Request*>(self);
  try {
    return request.append({reinterpret_cast<const uint8_t*>(data), count}) ? count : 0;
  } catch (...) {
    request.thrown_ = std::current_exception();
    return 0;
  }
}

Response Request::judge_status() const {
  const std::string why = fmt::format("answers with HTTP status {}", status());
  if (status() < 500 && status() != 408 && status() != 416 && status() != 429)
    return {Answer::hopeless, why};
  curl_off_t seconds = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_RETRY_AFTER, &seconds);
  return {Answer::try_again, why, false, std::chrono::seconds(seconds)};
}

Response Request::judge(CURLcode code) const {
  switch (code) {
    case CURLE_OK:
      if (part_.bytes == part_.whole) return {};
      return {Answer::try_again,
              fmt::format("ends after {} of {} bytes", part_.bytes, part_.whole)};
    case CURLE_HTTP_RETURNED_ERROR:
      return judge_status();
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_TOO_MANY_REDIRECTS:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_COULDNT_RESOLVE_HOST:
      return {Answer::hopeless, *message_ ? message_ : curl_easy_strerror(code)};
    case CURLE_OPERATION_TIMEDOUT:
      return {Answer::try_again, fmt::format("sent nothing for {} s", stall_.count())};
    default:
      return {Answer::try_again, *message_ ? message_ : curl_easy_strerror(code)};
  }
}

Response Request::run() {
  const CURLcode code = curl_easy_perform(handle_.get());
  if (thrown_) std::rethrow_exception(thrown_);
  if (code == CURLE_HTTP_RETURNED_ERROR && status() == 416) part_.restart();  // nothing follows it
  Response response = refusal_ ? *refusal_ : judge(code);
  response.in_one_piece = in_one_piece_;
  return response;
}

}  // namespace

void PartialFile::restart() {
  if (::ftruncate(file.number, 0) != 0 || ::lseek(file.number, 0, SEEK_SET) != 0)
    throw system_error(ErrorKind::usage, "cannot write", path);
  bytes = 0;
  validator.clear();
}

Response request_rest(const std::string& url, PartialFile& part, std::chrono::seconds stall,
                      const std::function<void()>& progress) {
  return Request(url, part, stall, progress).run();
}

}  // namespace mote::datasets
