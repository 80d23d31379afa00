package dev.tarn.spark.kinesis;

import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEvent;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEventStream;

/**
 * One subscription of the SDK. The SDK's threads put events in, one reader takes them out; the next
 * event is asked for when one is taken, so that at most {@link #AHEAD} wait here and the rest at
 * the service.
 */
final class SdkShardSubscription
    implements ShardSubscription, Subscriber<SubscribeToShardEventStream> {
  private static final int AHEAD = 2;
  private static final long ACCEPT_MILLIS = 30_000;

  private final String what;
  private final Unread unread;
  private final ArrayDeque<PushedRecords> events = new ArrayDeque<>();
  private boolean accepted;
  private boolean closed;
  private KinesisApiException end;
  private Subscription upstream;
  private CompletableFuture<Void> call;

  /**
   * @param what names the call in errors
   * @param unread counts what waits here and in the query's other subscriptions
   */
  SdkShardSubscription(String what, Unread unread) {
    this.what = what;
    this.unread = unread;
  }

  /**
   * Returns when the service has accepted the subscription.
   *
   * @throws KinesisApiException when it refused, or gave no answer within 30 s
   */
  void start(CompletableFuture<Void> running) {
    call = running;
    running.whenComplete(
        (nothing, failure) -> {
          if (failure != null) {
            onError(failure);
          }
        });
    KinesisApiException refused;
    synchronized (this) {
      waitFor(() -> accepted || end != null, ACCEPT_MILLIS);
      if (accepted) {
        return;
      }
      refused = end;
    }
    close();
    throw refused != null
        ? refused
        : new KinesisApiException(
            KinesisApiException.Kind.UNAVAILABLE, what + ": no answer within 30 s", null);
  }

  synchronized void accepted() {
    accepted = true;
    notifyAll();
  }

  @Override
  public PushedRecords next(long waitMillis) {
    PushedRecords event;
    synchronized (this) {
      waitFor(() -> !events.isEmpty() || end != null, waitMillis);
      event = events.poll();
      if (event == null) {
        if (end != null) {
          throw end;
        }
        return null;
      }
    }
    unread.add(-1);
    upstream.request(1);
    return event;
  }

  private interface Condition {
    boolean holds();
  }

  private void waitFor(Condition condition, long millis) {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    try {
      while (!condition.holds()) {
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (left <= 0) {
          return;
        }
        wait(left);
      }
    } catch (InterruptedException e) {
      throw Pace.interrupted();
    }
  }

  @Override
  public void onSubscribe(Subscription subscription) {
    synchronized (this) {
      upstream = subscription;
      if (!closed) {
        accepted = true;
        notifyAll();
      }
    }
    if (closed) {
      subscription.cancel();
    } else {
      subscription.request(AHEAD);
    }
  }

  @Override
  public void onNext(SubscribeToShardEventStream pushed) {
    if (!(pushed instanceof SubscribeToShardEvent event)) {
      upstream.request(1);
      return;
    }
    PushedRecords records = records(event);
    synchronized (this) {
      if (closed) {
        return;
      }
      events.add(records);
      notifyAll();
    }
    unread.add(1);
  }

  private static PushedRecords records(SubscribeToShardEvent event) {
    List<StreamRecord> records = event.records().stream().map(SdkKinesisApi::record).toList();
    Long behind = event.millisBehindLatest();
    long millisBehind = behind != null ? behind : records.isEmpty() ? 0 : 1;
    return new PushedRecords(records, event.continuationSequenceNumber() == null, millisBehind);
  }

  @Override
  public void onError(Throwable failure) {
    over(SdkFailures.sorted(what, failure));
  }

  @Override
  public void onComplete() {
    over(
        new KinesisApiException(
            KinesisApiException.Kind.SUBSCRIPTION_OVER, what + ": the subscription ended", null));
  }

  /** What is said first counts. */
  private synchronized void over(KinesisApiException how) {
    if (end == null) {
      end = how;
      notifyAll();
    }
  }

  @Override
  public void close() {
    int left;
    Subscription cancelled;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      left = events.size();
      events.clear();
      cancelled = upstream;
    }
    unread.add(-left);
    if (cancelled != null) {
      cancelled.cancel();
    }
    call.cancel(true);
  }
}
