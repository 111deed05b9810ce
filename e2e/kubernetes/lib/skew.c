/* A program's time of day, ahead by WEIR_SKEW seconds (behind, if negative), by LD_PRELOAD. Clocks that count from some
 * moment go on as they are, as when somebody set the machine's clock before the program began. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *now) {
  static int known;
  static long skew;
  int result = (int)syscall(SYS_clock_gettime, clock, now);
  if (!known) {
    const char *said = getenv("WEIR_SKEW");
    skew = said ? atol(said) : 0;
    known = 1;
  }
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    now->tv_sec += skew;
  }
  return result;
}

int gettimeofday(struct timeval *now, void *zone) {
  struct timespec exact;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &exact);
  now->tv_sec = exact.tv_sec;
  now->tv_usec = exact.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *into) {
  struct timespec exact;
  clock_gettime(CLOCK_REALTIME, &exact);
  if (into) {
    *into = exact.tv_sec;
  }
  return exact.tv_sec;
}
