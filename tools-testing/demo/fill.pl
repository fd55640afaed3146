# Fills a cache: the documents that every cache holds, then sessions of its own.
# usage: fill.pl REDIS_SOCKET MIB_OF_SESSIONS
use strict;
use warnings;
use File::Find;
use IO::Socket::UNIX;

my ($path, $mib) = @ARGV;
my $redis;
for (1 .. 200) {
	last if $redis = IO::Socket::UNIX->new(Peer => $path);
	select undef, undef, undef, 0.05;
}
die "fill.pl: $path: $!\n" unless $redis;

sub command {
	my $text = '*' . @_ . "\r\n" . join '', map { '$' . length($_) . "\r\n$_\r\n" } @_;
	print $redis $text;
	$redis->flush;
	my $reply = <$redis>;
	die "fill.pl: $path: " . ($reply // 'gone') . "\n" unless defined $reply && $reply =~ /^[+:]/;
}

# In pieces, as documents are kept for searching.
find({ no_chdir => 1, preprocess => sub { sort @_ }, wanted => sub {
	return unless /\.p[mly]$/ && -f;
	open my $file, '<:raw', $_ or die "$_: $!";
	my $piece = 0;
	my $bytes;
	command('SET', "$_:" . $piece++, $bytes) while read $file, $bytes, 4000;
} }, '/usr/share/perl', glob('/usr/lib/python3.*'));

open my $random, '<:raw', '/dev/urandom' or die "/dev/urandom: $!";
for (1 .. $mib * 256) {
	read $random, my $bytes, 4000;
	command('SET', "session:$_", $bytes);
}
print "ready cache\n";
