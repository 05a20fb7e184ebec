"""`spot-manager healthcheck`: what a container's health check runs."""

import subprocess

from support import Manager, clean_environment, web_session, wait_until


def healthcheck(manager, **settings):
    """With the manager's own settings from its environment, as in its container."""
    listen = manager.url.partition("//")[2]
    return subprocess.run([manager.arguments[0], "healthcheck"], capture_output=True, text=True, timeout=20,
                          env=clean_environment(manager.folder, SPOT_MANAGER_LISTEN=listen,
                                                SPOT_MANAGER_QUEUE_URL="spot-manager", **settings))


def test_a_manager_that_runs_is_well_and_one_that_does_not_is_not(manager):
    asked = healthcheck(manager)
    assert (asked.returncode, asked.stderr) == (0, "")
    manager.end()
    asked = healthcheck(manager)
    assert asked.returncode == 1
    assert asked.stderr.startswith("spot-manager: not healthy: connecting to 127.0.0.1")


def test_a_proxy_of_the_environment_is_not_asked(manager):
    asked = healthcheck(manager, HTTP_PROXY="http://127.0.0.1:1", HTTPS_PROXY="http://127.0.0.1:1")
    assert asked.returncode == 0, asked.stderr


def test_over_tls_the_certificate_is_for_the_name_that_others_use(build, simulator, tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", "/CN=manager.example.com", "-keyout", key, "-out", certificate],
                   check=True, capture_output=True)
    options = ["--tls-certificate", certificate, "--tls-key", key]
    manager = Manager(build / "src" / "spot-manager", tmp_path, simulator.aws_settings, simulator.queue_url, options)
    tls = {"SPOT_MANAGER_TLS_CERTIFICATE": str(certificate), "SPOT_MANAGER_TLS_KEY": str(key)}
    with manager:
        url = manager.url.replace("http:", "https:")
        wait_until(lambda: web_session().get(f"{url}/healthz", verify=False, timeout=5).ok, what="the manager is up")
        asked = healthcheck(manager, **tls)
        assert (asked.returncode, asked.stderr) == (0, "")
        assert healthcheck(manager).returncode == 1, "plain HTTP is not taken for an answer"
