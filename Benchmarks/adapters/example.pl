#!/usr/bin/perl
# An adapter in Perl, written from PROTOCOL.md alone: exact search by a plain scan. It shows that the protocol needs no
# Python; nobody would measure with it.
use strict;
use warnings;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

$| = 1;
my (@base, $metric);

while (my $line = <STDIN>) {
    my ($id) = $line =~ /"id":(\d+)/;
    my ($op) = $line =~ /"op":"(\w+)"/;
    my $fields = eval {
        $op eq 'hello'    ? hello()
          : $op eq 'stats'  ? stats()
          : $op eq 'build'  ? build($line)
          : $op eq 'search' ? search($line)
          : $op eq 'quit'   ? ''
          :                   die "unknown operation $op\n";
    };
    if (defined $fields) {
        print qq({"id":$id,"ok":true$fields}\n);
    } else {
        (my $reason = $@) =~ s/\s+$//;
        $reason =~ s/(["\\])/\\$1/g;
        print qq({"id":$id,"ok":false,"error":"$reason"}\n);
    }
    last if $op eq 'quit';
}

sub hello { return ',"protocol":1,"engine":"perl scan","version":"1"' }

sub stats {
    my $private = 'null';
    if (open my $file, '<', '/proc/self/smaps_rollup') {
        while (<$file>) { $private = $1 * 1024 if /^Private_Dirty:\s+(\d+) kB/ }
    }
    my $bytes = @base ? 4 * @base * @{ $base[0] } : 'null';
    return qq(,"index_bytes":$bytes,"private_bytes":$private);
}

sub build {
    my ($line) = @_;
    refuse_parameters($line, 'build');
    ($metric) = $line =~ /"metric":"(\w+)"/;
    my $start = clock_gettime(CLOCK_MONOTONIC);
    @base = map { $metric eq 'cosine' ? normalized($_) : $_ } vectors($line =~ /"vectors":"([^"]+)"/);
    my $seconds = clock_gettime(CLOCK_MONOTONIC) - $start;
    return qq(,"train_seconds":0,"add_seconds":$seconds,"optimize_seconds":0,"batch_seconds":[$seconds]);
}

sub search {
    my ($line) = @_;
    refuse_parameters($line, 'search');
    my ($k) = $line =~ /"k":(\d+)/;
    my $size = $line =~ /"mode":"batch"/ ? ($line =~ /"batch":(\d+)/)[0] : 1;
    my @queries = map { $metric eq 'cosine' ? normalized($_) : $_ } vectors($line =~ /"queries":"([^"]+)"/);
    my (@ids, @latencies);
    my $start = clock_gettime(CLOCK_MONOTONIC);
    for (my $first = 0; $first < @queries; $first += $size) {
        my $last = $first + $size > @queries ? $#queries : $first + $size - 1;
        my $before = clock_gettime(CLOCK_MONOTONIC);
        push @ids, nearest($queries[$_], $k) for $first .. $last;
        push @latencies, int(1e9 * (clock_gettime(CLOCK_MONOTONIC) - $before)) || 1;
    }
    my $seconds = clock_gettime(CLOCK_MONOTONIC) - $start;
    my $distances = @queries * @base;

    my ($path) = $line =~ /"results":"([^"]+)"/;
    open my $file, '>:raw', $path or die "$path: $!\n";
    print $file pack('a8 L< L< Q< Q< x32', 'RMRESULT', 1, $k, scalar @queries, scalar @latencies);
    print $file pack('q<*', @ids), pack('Q<*', @latencies);
    close $file or die "$path: $!\n";
    return qq(,"seconds":$seconds,"distances":$distances,"visited":null);
}

# The k nearest rows, ties by smaller row, -1 where the base set has no more.
sub nearest {
    my ($query, $k) = @_;
    my @distance = map {
        my ($row, $sum) = ($_, 0);
        if ($metric eq 'l2') { $sum += ($query->[$_] - $row->[$_])**2 for 0 .. $#$row }
        else                 { $sum -= $query->[$_] * $row->[$_]      for 0 .. $#$row }
        $sum;
    } @base;
    my @order = sort { $distance[$a] <=> $distance[$b] || $a <=> $b } 0 .. $#distance;
    return map { $_ < @order ? $order[$_] : -1 } 0 .. $k - 1;
}

# The rows of a vector file (PROTOCOL.md, "Vector file").
sub vectors {
    my ($path) = @_;
    open my $file, '<:raw', $path or die "$path: $!\n";
    read $file, my $header, 64;
    my ($magic, $version, $type, $count, $dimension) = unpack 'a8 L< L< Q< Q<', $header;
    die "$path is no vector file of version 1\n" unless $magic eq 'RMVECTOR' && $version == 1 && $type == 0;
    return map { read $file, my $row, 4 * $dimension; [ unpack 'f<*', $row ] } 1 .. $count;
}

sub normalized {
    my ($row) = @_;
    my $norm = 0;
    $norm += $_**2 for @$row;
    return $norm > 0 ? [ map { $_ / sqrt $norm } @$row ] : $row;
}

# This engine has no parameters, so that any is one too many.
sub refuse_parameters {
    my ($line, $operation) = @_;
    die "unknown $operation parameter $1; there are none\n" if $line =~ /"parameters":\{"([^"]+)"/;
}
